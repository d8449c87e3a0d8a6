// SPDX-License-Identifier: Apache-2.0
// Owns: bytes that the bridge allocated, and their turning into strings and errors.
// Life cycle: freed by the destructor. Thread: any. Must hold: a text is freed exactly once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "bridge_text.h"

namespace stele::wasm::wasmtime {

inline st_view to_view(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view from_view(st_view view) { return {view.data, view.size}; }

class Text {
 public:
  Text() = default;
  explicit Text(st_text taken) : text_(taken) {}
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  ~Text() { st_text_free(&text_); }

  st_text* out() { return &text_; }
  std::string_view view() const { return {text_.data, text_.size}; }
  std::string str() const { return std::string(view()); }

 private:
  st_text text_{nullptr, 0, 0};
};

/// The error of an entry that returned `code` (not 0).
inline std::unexpected<Error> refused(std::int32_t code, const Text& reason,
                                      std::string subject = {}) {
  return fail(static_cast<Code>(code), reason.str(), std::move(subject));
}

}  // namespace stele::wasm::wasmtime
