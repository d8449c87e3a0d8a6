// SPDX-License-Identifier: Apache-2.0
//! Mends what the C++ generator of `wit-bindgen` 0.60 gets wrong when it lowers values.
//!
//! 1. The payload of an option or result is moved into a variable of the branch that looks at it,
//!    and freed at the branch's end, before the call that passes it on. A reference will do.
//! 2. The elements of a list are written in the layout of the ABI over the list itself, whose own
//!    layout is another one. They get memory of their own: in an import until the call is over, in
//!    an export until the caller frees it.

const SCRATCH: &str = r"
#include <cstdlib>

namespace {
/// Lowered lists, from one call of the host to the end of that call.
uint8_t *scratch_last = nullptr;
[[maybe_unused]] uint8_t *scratch(size_t size) {
  auto *block = static_cast<uint8_t *>(malloc(size + 16));
  if (block == nullptr) abort();
  *reinterpret_cast<uint8_t **>(block) = scratch_last;
  scratch_last = block;
  return block + 16;
}
[[maybe_unused]] void scratch_free() {
  while (scratch_last != nullptr) {
    uint8_t *block = scratch_last;
    scratch_last = *reinterpret_cast<uint8_t **>(block);
    free(block);
  }
}
[[maybe_unused]] uint8_t *for_the_caller(size_t size) {
  auto *block = static_cast<uint8_t *>(malloc(size + 1));
  if (block == nullptr) abort();
  return block;
}
}  // namespace
";

/// `T payload1 = std::move(x).value();` becomes `auto&& payload1 = …`.
fn mend_payload(line: &str) -> Option<String> {
    let end = line.trim_end();
    if !(end.ends_with(".value();") || end.ends_with(".error();")) {
        return None;
    }
    let (declaration, value) = line.split_once(" = ")?;
    let (kind, name) = declaration.trim_start().rsplit_once(' ')?;
    let number = name.strip_prefix("payload")?;
    if !number.bytes().all(|c| c.is_ascii_digit()) || kind.contains('&') {
        return None;
    }
    let indent = &declaration[..declaration.len() - declaration.trim_start().len()];
    Some(format!("{indent}auto&& {name} = {value}"))
}

/// The three lines before `line`, `auto _base = _ptr1 + i * SIZE;`, are the pointer, the length and
/// the loop over the elements.
fn mend_list(line: &str, made: &mut [String], exported: bool) -> Option<()> {
    let stride = line.trim().strip_prefix("auto _base = _ptr")?;
    let (number, size) = stride.strip_suffix(';')?.split_once(" + i * ")?;
    let [.., pointer, length, _] = made else {
        return None;
    };
    if !pointer.contains(&format!("auto _ptr{number} = ")) {
        return None;
    }
    let allocate = if exported { "for_the_caller" } else { "scratch" };
    *pointer = format!("auto _ptr{number} = {allocate}(_len{number} * ({size}));");
    std::mem::swap(pointer, length);
    Some(())
}

fn is_call_of_host(line: &str) -> bool {
    line.starts_with(' ') && line.contains("__wasm_import_") && line.trim_end().ends_with(");")
}

/// The generated source, mended.
pub fn mend(source: &str) -> String {
    let mut made: Vec<String> = Vec::new();
    let mut exported = false;
    let mut included = false;
    for line in source.lines() {
        if line.starts_with("extern \"C\"") {
            exported = line.contains("__export_name__");
        } else if line.ends_with(')') && line.contains("::") && !line.starts_with(' ') {
            exported = false;
        }
        mend_list(line, &mut made, exported);
        made.push(mend_payload(line).unwrap_or_else(|| line.to_owned()));
        if is_call_of_host(line) {
            made.push("  scratch_free();".to_owned());
        }
        if !included && line.starts_with("#include \"") {
            included = true;
            made.push(SCRATCH.to_owned());
        }
    }
    made.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::mend;

    #[test]
    fn payloads_are_not_moved_out() {
        let made =
            mend("  wit::string payload1 = std::move(result).value();\n  int payload = 1;\n");
        assert_eq!(made, "  auto&& payload1 = std::move(result).value();\n  int payload = 1;\n");
    }

    #[test]
    fn lists_get_memory_of_their_own() {
        let list = "auto _ptr3 = (uint8_t*)(_vec3.data());\nauto _len3 = (size_t)(_vec3.size());\n\
                    for (size_t i = 0; i < _len3; ++i) {\nauto _base = _ptr3 + i * (8);\n";
        let header = "wit::string a::b::C(int x)\n";
        let made = mend(&format!("{header}{list}  __wasm_import_x(_ptr3);\n"));
        let length = "auto _len3 = (size_t)(_vec3.size());";
        assert!(made.contains(&format!("{length}\nauto _ptr3 = scratch(_len3 * ((8)));\n")));
        assert!(made.contains("__wasm_import_x(_ptr3);\n  scratch_free();\n"));
        let export = "extern \"C\" __attribute__((__export_name__(\"f\")))\n";
        let made = mend(&format!("{export}{list}"));
        assert!(made.contains("auto _ptr3 = for_the_caller(_len3 * ((8)));"));
    }
}
