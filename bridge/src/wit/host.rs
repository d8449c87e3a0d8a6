// SPDX-License-Identifier: Apache-2.0
//! The host's own packages: our WIT, and its functions and types by their structure.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use wit_parser::{Resolve, Type, UnresolvedPackageGroup};

use super::structure::Printer;
use super::{Function, Param, SourceFile};

const SOURCES: [(&str, &str); 4] = [
    ("obelisk-types.wit", include_str!("../../../wit/obelisk-types.wit")),
    ("obelisk-log.wit", include_str!("../../../wit/obelisk-log.wit")),
    ("obelisk-workflow.wit", include_str!("../../../wit/obelisk-workflow.wit")),
    ("obelisk-webhook.wit", include_str!("../../../wit/obelisk-webhook.wit")),
];

/// What the host provides.
pub struct Host {
    /// By FFQN.
    pub functions: BTreeMap<String, Function>,
    /// Structural texts of named types by `interface#name`.
    types: BTreeMap<String, String>,
}

impl Host {
    /// The structural text of a type of `obelisk:types/execution` or `…/time`.
    pub fn named(&self, interface: &str, name: &str) -> &str {
        let key = format!("obelisk:types/{interface}@5.0.0#{name}");
        self.types.get(&key).map_or("", String::as_str)
    }
}

/// The files in which the host's packages are written.
pub fn sources() -> Vec<SourceFile> {
    let file = |(path, text): &(&str, &str)| SourceFile {
        path: (*path).to_owned(),
        text: (*text).to_owned(),
    };
    SOURCES.iter().map(file).collect()
}

/// The host's functions; read once.
pub fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| read().unwrap_or_else(|error| panic!("the host's WIT: {error}")))
}

fn read() -> Result<Host, String> {
    let mut resolve = Resolve::new();
    for (path, text) in SOURCES {
        let group =
            UnresolvedPackageGroup::parse(path, text).map_err(|(map, error)| error.render(&map))?;
        resolve.push_group(group).map_err(|error| error.to_string())?;
    }
    let mut host = Host { functions: BTreeMap::new(), types: BTreeMap::new() };
    let mut printer = Printer::new(&resolve);
    for (id, interface) in resolve.interfaces.iter() {
        let name = resolve.id_of(id).unwrap_or_default();
        for function in interface.functions.values() {
            let function = read_function(&mut printer, &name, function)?;
            host.functions.insert(function.ffqn(), function);
        }
        for (ty, id) in &interface.types {
            host.types.insert(format!("{name}#{ty}"), printer.text(&Type::Id(*id))?);
        }
    }
    Ok(host)
}

fn read_function(
    printer: &mut Printer<'_>,
    interface: &str,
    function: &wit_parser::Function,
) -> Result<Function, String> {
    let mut params = Vec::new();
    for param in &function.params {
        params.push(Param { name: param.name.clone(), ty: printer.text(&param.ty)? });
    }
    let result = match &function.result {
        Some(ty) => printer.text(ty)?,
        None => String::new(),
    };
    Ok(Function {
        interface: interface.to_owned(),
        name: function.name.clone(),
        params,
        result,
        extendable: false,
    })
}
