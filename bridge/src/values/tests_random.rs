// SPDX-License-Identifier: Apache-2.0
//! For random types and values: stored text reads back as the same value; damaged text is refused.

use wasmtime::component::{Type, Val};

use super::tests::types;
use super::{Form, Limits, hash, no_handles, parse_one, parse_params, render, render_one};

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }
}

const SCALARS: [&str; 13] =
    ["bool", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32", "f64", "char", "string"];

fn random_type(random: &mut Random, depth: u32) -> String {
    if depth == 0 || random.below(3) == 0 {
        return random.one(&SCALARS).to_owned();
    }
    let mut inner = || random_type(random, depth - 1);
    let (a, b) = (inner(), inner());
    match random.below(9) {
        0 => format!("list<{a}>"),
        1 => format!("option<{a}>"),
        2 => format!("tuple<{a},{b}>"),
        3 => format!("record{{first:{a},second-one:{b}}}"),
        4 => format!("variant{{none,some-thing({a}),other({b})}}"),
        5 => "enum{one,two-or-more}".to_owned(),
        6 => "flags{red,dark-green,blue}".to_owned(),
        7 => format!("result<{a}, {b}>"),
        _ => format!("result<_, {a}>"),
    }
}

fn random_scalar(random: &mut Random, ty: &Type) -> Option<Val> {
    let bits = match random.below(3) {
        0 => random.below(4),
        1 => u64::MAX - random.below(4),
        _ => random.next(),
    };
    Some(match ty {
        Type::Bool => Val::Bool(bits & 1 == 1),
        Type::U8 => Val::U8(bits as u8),
        Type::S8 => Val::S8(bits as i8),
        Type::U16 => Val::U16(bits as u16),
        Type::S16 => Val::S16(bits as i16),
        Type::U32 => Val::U32(bits as u32),
        Type::S32 => Val::S32(bits as i32),
        Type::U64 => Val::U64(bits),
        Type::S64 => Val::S64(bits as i64),
        Type::Float32 => Val::Float32(f32::from_bits(bits as u32)),
        Type::Float64 => Val::Float64(f64::from_bits(bits)),
        Type::Char => Val::Char(char::from_u32(bits as u32 % 0x11_0000).unwrap_or('\u{fffd}')),
        Type::String => {
            let length = random.below(6);
            let chars = ['a', '"', '\\', '\n', '\u{1}', 'é', '😀', '$', '{'];
            Val::String((0..length).map(|_| random.one(&chars)).collect())
        }
        _ => return None,
    })
}

fn random_value(random: &mut Random, ty: &Type) -> Val {
    if let Some(scalar) = random_scalar(random, ty) {
        return scalar;
    }
    let payload =
        |ty: Option<Type>, random: &mut Random| ty.map(|ty| Box::new(random_value(random, &ty)));
    match ty {
        Type::List(list) => {
            let length = random.below(4);
            Val::List((0..length).map(|_| random_value(random, &list.ty())).collect())
        }
        Type::Tuple(tuple) => {
            Val::Tuple(tuple.types().map(|ty| random_value(random, &ty)).collect())
        }
        Type::Record(record) => {
            let field = |f: wasmtime::component::types::Field<'_>| {
                (f.name.to_owned(), random_value(random, &f.ty))
            };
            Val::Record(record.fields().map(field).collect())
        }
        Type::Variant(variant) => {
            let index = random.below(variant.cases().len() as u64) as usize;
            let case = variant.cases().nth(index).unwrap();
            Val::Variant(case.name.to_owned(), payload(case.ty, random))
        }
        Type::Enum(names) => Val::Enum(names.names().next().unwrap().to_owned()),
        Type::Flags(names) => {
            let chosen = names.names().filter(|_| random.below(2) == 0);
            Val::Flags(chosen.map(str::to_owned).collect())
        }
        Type::Option(option) => {
            let some = random.below(2) == 0;
            Val::Option(payload(some.then(|| option.ty()), random))
        }
        Type::Result(result) if random.below(2) == 0 => {
            Val::Result(Ok(payload(result.ok(), random)))
        }
        Type::Result(result) => Val::Result(Err(payload(result.err(), random))),
        _ => panic!("no value of {ty:?}"),
    }
}

#[test]
fn stored_text_reads_back_as_the_same_value() {
    let mut random = Random(20_26);
    let texts: Vec<String> = (0..150).map(|_| random_type(&mut random, 6)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let limits = Limits::default();
    for few in texts.chunks(10) {
        let types = types(few);
        for _ in 0..40 {
            let vals: Vec<Val> =
                types.iter().map(|(_, ty)| random_value(&mut random, ty)).collect();
            let stored = render(&vals, Form::Abi, &limits).unwrap();
            let read = parse_params(&types, &stored, Form::Abi, &limits).unwrap();
            assert_eq!(read, vals, "{few:?} {stored}");
            assert_eq!(hash(&read), hash(&vals));
            assert_eq!(render(&read, Form::Abi, &limits).unwrap(), stored);
        }
    }
}

/// Whether the JSON of contract section 4 can say the value: no float that is not finite, and no
/// option directly in an option.
fn sayable(val: &Val) -> bool {
    match val {
        Val::Float32(x) => x.is_finite(),
        Val::Float64(x) => x.is_finite(),
        Val::List(items) | Val::Tuple(items) => items.iter().all(sayable),
        Val::Record(fields) => fields.iter().all(|(_, val)| sayable(val)),
        Val::Option(Some(payload)) => !matches!(**payload, Val::Option(_)) && sayable(payload),
        Val::Variant(_, Some(payload))
        | Val::Result(Ok(Some(payload)))
        | Val::Result(Err(Some(payload))) => sayable(payload),
        _ => true,
    }
}

#[test]
fn user_text_reads_back_as_the_same_value() {
    let mut random = Random(6_20_26);
    let limits = Limits::default();
    let mut said = 0;
    for _ in 0..15 {
        let texts: Vec<String> = (0..10).map(|_| random_type(&mut random, 6)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        for (_, ty) in types(&texts) {
            for _ in 0..40 {
                let val = random_value(&mut random, &ty);
                if !sayable(&val) {
                    continue;
                }
                let text = render_one(&val, Form::User, &limits).unwrap();
                let read = parse_one(&ty, &text, Form::User, &limits, &mut no_handles);
                assert_eq!(read.unwrap(), val, "{ty:?} {text}");
                let kebab = text.replace("dark_green", "dark-green").replace("some_th", "some-th");
                let kebab = kebab.replace("second_one", "second-one").replace("two_or", "two-or");
                let read = parse_one(&ty, &kebab, Form::User, &limits, &mut no_handles);
                assert_eq!(read.unwrap(), val, "{kebab}");
                said += 1;
            }
        }
    }
    assert!(said > 3000, "{said}");
}

#[test]
fn damaged_text_never_panics() {
    let mut random = Random(7);
    let limits = Limits::default();
    let types = types(&["record{a:list<variant{x(string),y}>,b:option<option<f64>>}", "flags{q}"]);
    for _ in 0..2000 {
        let vals: Vec<Val> = types.iter().map(|(_, ty)| random_value(&mut random, ty)).collect();
        let mut bytes = render(&vals, Form::Abi, &limits).unwrap().into_bytes();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len() as u64) as usize;
            bytes[at] = random.one(b"[]{}\",:\\0e-.$nutf \x00");
        }
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        for form in [Form::Abi, Form::User] {
            let _ = parse_params(&types, &text, form, &limits);
            let _ = parse_one(&types[0].1, &text, form, &limits, &mut no_handles);
        }
    }
}
