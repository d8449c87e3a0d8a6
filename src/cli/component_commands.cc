// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "cli/files.h"
#include "cli/json_out.h"
#include "cli/session.h"

namespace stele::cli {
namespace {

struct BindingsOptions {
  std::string language = "cpp";
  std::string wit;
  std::string out;
  std::string world;
};
struct NewOptions {
  std::string core;
  std::string out;
  std::string wit;
  std::string world;
};

/// Runs `command` with the toolchain; an error becomes the exit code.
template <typename Command>
void on_toolchain(Session& session, CLI::App& app, Command command) {
  session.on(app, [command = std::move(command)](Session& s) {
    auto toolchain = s.ports().toolchain();
    if (!toolchain) return s.console().fail(toolchain.error());
    const Result<void> done = command(s, **toolchain);
    return done ? number(Exit::ok) : s.console().fail(done.error());
  });
}

/// Names the file in errors that name nothing.
template <typename T>
Result<T> about(const std::string& path, Result<T> result) {
  if (!result && result.error().subject.empty()) result.error().subject = path;
  return result;
}

std::string function_json(const wasm::Function& function) {
  FunctionInfo info{.ffqn = function.ffqn(),
                    .kind = {},
                    .component = {},
                    .params = {},
                    .result = function.result};
  for (const wasm::Param& param : function.params) info.params.push_back({param.name, param.type});
  std::vector<std::string> params;
  for (const Param& param : info.params) {
    params.push_back(fmt::format(R"({{"name":{},"wit_type":{}}})", json_string(param.name),
                                 json_string(param.type)));
  }
  return fmt::format(R"({{"ffqn":{},"parameter_types":{},"return_type":{},"deployable":{}}})",
                     json_string(info.ffqn), array_of(params),
                     info.result.empty() ? "null" : json_string(info.result), function.extendable);
}

std::string functions_json(const std::vector<wasm::Function>& functions) {
  std::vector<std::string> items;
  for (const wasm::Function& function : functions) items.push_back(function_json(function));
  return array_of(items);
}

void print_functions(const Console& console, std::string_view title,
                     const std::vector<wasm::Function>& functions) {
  if (functions.empty()) return;
  console.line(console.paint(Colour::bold, title));
  for (const wasm::Function& function : functions) {
    FunctionInfo info{.ffqn = function.ffqn(),
                      .kind = {},
                      .component = {},
                      .params = {},
                      .result = function.result};
    for (const wasm::Param& each : function.params) info.params.push_back({each.name, each.type});
    console.line("  " + info.ffqn + signature_text(info));
  }
}

Result<void> inspect(Session& session, wasm::Toolchain& toolchain, const std::string& path) {
  const std::string bytes = TRY(read_file(path));
  const wasm::Description found = TRY(about(path, toolchain.inspect(bytes)));
  const Console& console = session.console();
  if (session.json()) {
    std::vector<std::string> wasi;
    for (const std::string& interface : found.wasi) wasi.push_back(json_string(interface));
    console.line(fmt::format(R"({{"digest":{},"exports":{},"imports":{},"wasi":{}}})",
                             json_string(found.digest), functions_json(found.exports),
                             functions_json(found.imports), array_of(wasi)));
    return {};
  }
  console.line(fmt::format("{}  {} bytes  {}", path, bytes.size(), found.digest));
  print_functions(console, "Exports", found.exports);
  print_functions(console, "Imports", found.imports);
  if (found.wasi.empty()) return {};
  console.line(console.paint(Colour::bold, "WASI"));
  for (const std::string& interface : found.wasi) console.line("  " + interface);
  return {};
}

Result<void> print_wit(Session& session, wasm::Toolchain& toolchain, const std::string& path) {
  const std::string bytes = TRY(read_file(path));
  std::string text = TRY(about(path, toolchain.wit(bytes)));
  while (text.ends_with('\n')) text.pop_back();
  session.console().line(text);
  return {};
}

Result<std::vector<wasm::SourceFile>> wit_sources(const std::string& directory) {
  std::vector<wasm::SourceFile> sources;
  for (NamedFile& file : TRY(read_wit(directory))) {
    sources.push_back({std::move(file.path), std::move(file.text)});
  }
  return sources;
}

void say_written(const Session& session, const std::string& path, WriteStatus status) {
  const bool written = status == WriteStatus::written;
  session.console().line(fmt::format("{} {}", written ? "wrote    " : "unchanged", path));
}

Result<void> make_component(Session& session, wasm::Toolchain& toolchain,
                            const NewOptions& options) {
  const std::string core = TRY(read_file(options.core));
  std::string wit;
  if (!options.wit.empty()) {
    const auto sources = TRY(wit_sources(options.wit));
    wit = TRY(about(options.wit, toolchain.print_wit(sources)));
  }
  const wasm::NewComponent request{.core_module = core, .wit = wit, .world = options.world};
  const std::string component = TRY(about(options.core, toolchain.new_component(request)));
  say_written(session, options.out, TRY(write_file(options.out, component)));
  return {};
}

Result<void> make_bindings(Session& session, wasm::Toolchain& toolchain,
                           const BindingsOptions& options) {
  const auto language =
      options.language == "c" ? wasm::BindingsLanguage::c : wasm::BindingsLanguage::cpp;
  const auto sources = TRY(wit_sources(options.wit));
  const auto files = TRY(about(options.wit, toolchain.bindings(language, sources, options.world)));
  for (const wasm::SourceFile& file : files) {
    const std::string path = (std::filesystem::path(options.out) / file.path).string();
    say_written(session, path, TRY(write_file(path, file.text)));
  }
  return {};
}

void add_inspect(CLI::App& group, Session& session) {
  const auto path = std::make_shared<std::string>();
  CLI::App& command = *group.add_subcommand("inspect", "Show what a component exports and imports");
  command.add_option("file", *path, "A component (.wasm)")->required();
  session.add_json_option(command);
  command.footer("Example:\n  stele component inspect target/greeter.wasm");
  on_toolchain(session, command, [path](Session& s, wasm::Toolchain& toolchain) {
    return inspect(s, toolchain, *path);
  });
}

void add_wit(CLI::App& group, Session& session) {
  const auto path = std::make_shared<std::string>();
  CLI::App& command = *group.add_subcommand("wit", "Print a component's WIT");
  command.add_option("file", *path, "A component (.wasm)")->required();
  command.footer("Example:\n  stele component wit target/greeter.wasm");
  on_toolchain(session, command, [path](Session& s, wasm::Toolchain& toolchain) {
    return print_wit(s, toolchain, *path);
  });
}

void add_new(CLI::App& group, Session& session) {
  const auto options = std::make_shared<NewOptions>();
  CLI::App& command = *group.add_subcommand("new", "Make a component from a core module");
  command.add_option("core", options->core, "A core module (.wasm)")->required();
  command.add_option("-o,--output", options->out, "The component to write")->required();
  command.add_option("--wit", options->wit, "WIT folder, if the module does not embed its WIT");
  command.add_option("--world", options->world, "World of that folder, if it has several");
  command.footer(
      "Example:\n  stele component new core.wasm -o greeter.wasm --wit wit --world greeter");
  on_toolchain(session, command, [options](Session& s, wasm::Toolchain& toolchain) {
    return make_component(s, toolchain, *options);
  });
}

void add_bindings(CLI::App& group, Session& session) {
  const auto options = std::make_shared<BindingsOptions>();
  CLI::App& command = *group.add_subcommand("bindings", "Write guest bindings for a WIT world");
  command.add_option("--lang", options->language, "c or cpp")->check(CLI::IsMember({"c", "cpp"}));
  command.add_option("wit", options->wit, "WIT folder, dependencies below it")->required();
  command.add_option("out", options->out, "Folder to write to")->required();
  command.add_option("--world", options->world, "World, if there are several");
  command.footer("Example:\n  stele component bindings --lang cpp wit generated --world greeter");
  on_toolchain(session, command, [options](Session& s, wasm::Toolchain& toolchain) {
    return make_bindings(s, toolchain, *options);
  });
}

}  // namespace

void add_component_commands(CLI::App& app, Session& session) {
  CLI::App& group = *app.add_subcommand("component", "Look at and make components");
  group.require_subcommand(1);
  add_inspect(group, session);
  add_wit(group, session);
  add_new(group, session);
  add_bindings(group, session);
}

}  // namespace stele::cli
