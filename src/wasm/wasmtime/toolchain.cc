// SPDX-License-Identifier: Apache-2.0
#include "wasm/wasmtime/toolchain.h"

#include <cstdint>

#include "base/check.h"
#include "bridge_toolchain.h"
#include "wasm/wasmtime/frames.h"
#include "wasm/wasmtime/text.h"
#include "wasm/wasmtime/wire.h"

namespace stele::wasm {
namespace {

using wasmtime::FrameReader;
using wasmtime::FrameWriter;
using wasmtime::Text;
using wasmtime::to_view;

/// Calls an entry whose last two parameters are its answer and its error.
template <typename Entry, typename... Args>
Result<std::string> ask(Entry entry, Args... args) {
  Text answer;
  Text error;
  const std::int32_t code = entry(args..., answer.out(), error.out());
  if (code != 0) return wasmtime::refused(code, error);
  return answer.str();
}

void write_functions(FrameWriter& writer, std::span<const Function> functions) {
  writer.number(functions.size());
  for (const Function& function : functions) {
    writer.text(function.interface);
    writer.text(function.name);
    writer.number(function.params.size());
    for (const Param& param : function.params) {
      writer.text(param.name);
      writer.text(param.type);
    }
    writer.text(function.result);
    writer.number(function.extendable ? 1 : 0);
  }
}

std::string write_files(std::span<const SourceFile> files) {
  FrameWriter writer;
  writer.number(files.size());
  for (const SourceFile& file : files) {
    writer.text(file.path);
    writer.text(file.text);
  }
  return writer.take();
}

std::vector<SourceFile> read_files(std::string_view bytes) {
  FrameReader reader(bytes);
  std::vector<SourceFile> files(reader.count());
  for (SourceFile& file : files) {
    file.path = reader.text();
    file.text = reader.text();
  }
  return files;
}

std::string write_parties(std::span<const LinkParty> parties) {
  FrameWriter writer;
  writer.number(parties.size());
  for (const LinkParty& party : parties) {
    writer.text(party.component);
    writer.number(static_cast<std::size_t>(party.kind));
    writer.number(static_cast<std::size_t>(party.origin));
    write_functions(writer, party.description->exports);
    write_functions(writer, party.description->imports);
  }
  return writer.take();
}

std::vector<LinkProblem> read_problems(std::string_view bytes) {
  FrameReader reader(bytes);
  std::vector<LinkProblem> problems(reader.count());
  for (LinkProblem& problem : problems) {
    problem.component = reader.text();
    problem.function = reader.text();
    problem.reason = reader.text();
  }
  return problems;
}

class BridgeToolchain final : public Toolchain {
 public:
  Result<Description> inspect(std::string_view component) override {
    return wasmtime::read_description(TRY(ask(st_tool_inspect, to_view(component))));
  }

  Result<std::string> wit(std::string_view component) override {
    return ask(st_tool_wit, to_view(component));
  }

  Result<std::string> print_wit(std::span<const SourceFile> sources) override {
    const std::string files = write_files(sources);
    return ask(st_tool_print_wit, to_view(files));
  }

  Result<std::string> new_component(const NewComponent& request) override {
    return ask(st_tool_new_component, to_view(request.core_module), to_view(request.wit),
               to_view(request.world));
  }

  Result<std::vector<SourceFile>> bindings(BindingsLanguage language,
                                           std::span<const SourceFile> sources,
                                           std::string_view world) override {
    const std::string wit = write_files(sources);
    const std::string made = TRY(
        ask(st_tool_bindings, static_cast<std::uint8_t>(language), to_view(wit), to_view(world)));
    return read_files(made);
  }

  Result<Description> describe_wit(std::span<const SourceFile> sources) override {
    const std::string wit = write_files(sources);
    return wasmtime::read_description(TRY(ask(st_tool_describe_wit, to_view(wit))));
  }

  std::vector<SourceFile> support_wit(ComponentKind kind) override {
    const Result<std::string> made = ask(st_tool_support_wit, static_cast<std::uint8_t>(kind));
    CHECK(made.has_value());
    return read_files(*made);
  }

  Result<std::vector<SourceFile>> extension_wit(ComponentKind kind,
                                                std::span<const SourceFile> sources) override {
    const std::string wit = write_files(sources);
    return read_files(
        TRY(ask(st_tool_extension_wit, static_cast<std::uint8_t>(kind), to_view(wit))));
  }

  Result<std::vector<SourceFile>> dependency_wit(std::span<const Exporter> exporters) override {
    FrameWriter writer;
    writer.number(exporters.size());
    for (const Exporter& exporter : exporters) {
      writer.number(static_cast<std::size_t>(exporter.kind));
      writer.text(exporter.component);
    }
    const std::string request = writer.take();
    return read_files(TRY(ask(st_tool_dependency_wit, to_view(request))));
  }

  Result<std::string> types_only(std::span<const Function> functions) override {
    FrameWriter writer;
    write_functions(writer, functions);
    const std::string request = writer.take();
    return ask(st_tool_types_only, to_view(request));
  }

  std::vector<LinkProblem> check_links(std::span<const LinkParty> parties) override {
    const std::string request = write_parties(parties);
    const Result<std::string> found = ask(st_tool_check_links, to_view(request));
    if (found) return read_problems(*found);
    return {{.component = {}, .function = {}, .reason = found.error().reason}};
  }
};

}  // namespace

std::unique_ptr<Toolchain> make_toolchain() { return std::make_unique<BridgeToolchain>(); }

}  // namespace stele::wasm
