// SPDX-License-Identifier: Apache-2.0
#include "wasm/scripted/engines.h"

#include <fmt/format.h>

#include <algorithm>

#include "journal/hash.h"
#include "wasm/scripted/guest.h"
#include "wasm/scripted/types.h"
#include "wasm/scripted/words.h"

namespace stele::wasm::scripted {
namespace {

class ScriptedComponent final : public Component {
 public:
  ScriptedComponent(std::string name, Program program, World& world)
      : name_(std::move(name)),
        program_(std::make_shared<const Program>(std::move(program))),
        world_(world) {}

  const Description& description() const noexcept override { return program_->description; }

  Result<std::unique_ptr<Guest>> instantiate(const Start& start) override {
    const std::size_t index = TRY(find(start.function));
    return std::make_unique<ScriptedGuest>(program_, index, start, world_);
  }

  Result<CheckedValue> check_params(std::string_view function,
                                    std::string_view json) const override {
    const Function& found = program_->description.exports[TRY(find(function))];
    const auto elements = TRY(json_elements(json));
    if (elements.size() != found.params.size())
      return fail(Code::invalid_argument,
                  fmt::format("parameter cardinality mismatch, expected: {}, specified: {}",
                              found.params.size(), elements.size()));
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const Result<void> fits = check_type(found.params[i].type, elements[i]);
      if (!fits)
        return fail(Code::invalid_argument,
                    fmt::format("parameters cannot be deserialized: cannot parse {}-th parameter - "
                                "`{}`",
                                i + 1, fits.error().reason));
    }
    CheckedValue checked{.text = canonical(json)};
    checked.hash = blake2b_128(checked.text);
    return checked;
  }

  Result<CheckedValue> check_result(std::string_view function,
                                    std::string_view json) const override {
    const Function& found = program_->description.exports[TRY(find(function))];
    TRY(check_type(found.result, json));
    CheckedValue checked{.text = canonical(json)};
    checked.hash = blake2b_128(checked.text);
    return checked;
  }

 private:
  Result<std::size_t> find(std::string_view function) const {
    const auto& exports = program_->description.exports;
    const auto found = std::ranges::find(exports, function, &Function::ffqn);
    if (found == exports.end())
      return fail(Code::not_found, fmt::format("{} does not export {}", name_, function));
    return static_cast<std::size_t>(found - exports.begin());
  }

  std::string name_;
  std::shared_ptr<const Program> program_;
  World& world_;
};

}  // namespace

Result<std::shared_ptr<Component>> ScriptedEngines::compile(const ComponentSource& source) {
  auto program = parse_program(source.bytes);
  if (!program)
    return fail(program.error().code, fmt::format("{}: {}", source.name, program.error().reason));
  const auto digest = sha256(source.bytes);
  program->description.digest =
      "sha256:" + to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
  return std::make_shared<ScriptedComponent>(std::string(source.name), std::move(*program), world_);
}

}  // namespace stele::wasm::scripted
