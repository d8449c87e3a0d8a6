// SPDX-License-Identifier: Apache-2.0
//! Outgoing HTTP: which destinations a component may reach, and the hook that enforces it.

use std::sync::Arc;

use http::Uri;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::abi::StView;
use crate::host::StCallbacks;
use crate::wasi::Environment;

/// `[scheme://]host[:port]` of the contract, with the methods it is for.
pub struct AllowedHost {
    scheme: Option<String>, // None: any
    host: HostPattern,
    port: Option<u16>,    // None: any
    methods: Vec<String>, // empty: all
}

enum HostPattern {
    Any,
    Exact(String),
    Suffix(String),
    Prefix(String),
}

pub type AllowedHosts = Vec<AllowedHost>;

impl AllowedHost {
    pub fn parse(pattern: &str, methods: Vec<String>) -> Result<AllowedHost, String> {
        let bad = |why: &str| Err(format!("allowed_host pattern `{pattern}`: {why}"));
        let (scheme, rest) = match pattern.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => ("https".to_string(), pattern),
        };
        if !matches!(scheme.as_str(), "*" | "http" | "https") {
            return bad("the scheme is http, https or *");
        }
        if rest.contains('/') {
            return bad("a path or trailing slash is not part of a pattern");
        }
        let (host, port) = split_port(rest);
        let port = match (port, scheme.as_str()) {
            (Some("*"), _) => None,
            (Some(text), _) => match text.parse::<u16>() {
                Ok(port) => Some(port),
                Err(_) => return bad("the port is a number or *"),
            },
            (None, "http") => Some(80),
            (None, "https") => Some(443),
            (None, _) => Some(0), // the default of the request's own scheme
        };
        let Some(host) = HostPattern::parse(host) else {
            return bad("the host is not empty and has one * at most, first or last");
        };
        let methods = methods.into_iter().map(|method| method.to_ascii_uppercase()).collect();
        let scheme = (scheme != "*").then_some(scheme);
        Ok(AllowedHost { scheme, host, port, methods })
    }

    fn allows(&self, method: &str, scheme: &str, host: &str, port: u16) -> bool {
        let default = if scheme == "http" { 80 } else { 443 };
        let port_fits = match self.port {
            None => true,
            Some(0) => port == default,
            Some(wanted) => port == wanted,
        };
        port_fits
            && self.scheme.as_deref().is_none_or(|wanted| wanted == scheme)
            && self.host.fits(host)
            && (self.methods.is_empty() || self.methods.iter().any(|one| one == method))
    }
}

impl HostPattern {
    fn parse(text: &str) -> Option<HostPattern> {
        let text = text.to_ascii_lowercase();
        if text == "*" {
            return Some(HostPattern::Any);
        }
        let part = text.trim_start_matches('*').trim_end_matches('*');
        if part.is_empty() || part.contains('*') || text.len() > part.len() + 1 {
            return None;
        }
        Some(match (text.starts_with('*'), text.ends_with('*')) {
            (true, _) => HostPattern::Suffix(part.to_string()),
            (_, true) => HostPattern::Prefix(part.to_string()),
            _ => HostPattern::Exact(part.to_string()),
        })
    }

    fn fits(&self, host: &str) -> bool {
        match self {
            HostPattern::Any => true,
            HostPattern::Exact(wanted) => host == wanted,
            HostPattern::Suffix(end) => host.len() > end.len() && host.ends_with(end.as_str()),
            HostPattern::Prefix(start) => {
                host.len() > start.len() && host.starts_with(start.as_str())
            }
        }
    }
}

/// Splits off `:port`, leaving `[v6]` addresses whole.
fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    }
}

pub struct Hooks {
    pub environment: Arc<Environment>,
    pub callbacks: StCallbacks,
}

impl Hooks {
    fn allows(&self, method: &str, uri: &Uri) -> bool {
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
            return false;
        };
        let scheme = scheme.to_ascii_lowercase();
        let host = host.to_ascii_lowercase();
        let port = uri.port_u16().unwrap_or(if scheme == "http" { 80 } else { 443 });
        let allowed = &self.environment.allowed_hosts;
        allowed.iter().any(|one| one.allows(method, &scheme, &host, port))
    }

    fn warn(&self, method: &str, uri: &Uri) {
        let authority = uri.authority().map(|one| one.as_str()).unwrap_or_default();
        let scheme = uri.scheme_str().unwrap_or("https");
        let text = format!(
            "outgoing HTTP request {method} {scheme}://{authority} denied by deployment.toml \
             component policy; to allow it, add: allowed_host = [{{ pattern = \
             \"{scheme}://{authority}\", methods = [\"{method}\"] }}]"
        );
        const WARN: u8 = 4;
        (self.callbacks.log)(self.callbacks.context, WARN, StView::of(text.as_bytes()));
    }
}

type Done = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Result<(http::Response<WasiBody>, Done), Error>;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        done: Done,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        if !self.allows(request.method().as_str(), request.uri()) {
            self.warn(request.method().as_str(), request.uri());
            return Box::new(async { Err(Error::HttpRequestDenied) });
        }
        let mut plain: [(); 0] = [];
        WasiHttpHooks::send_request(&mut plain, request, options, done)
    }
}
