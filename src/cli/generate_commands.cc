// SPDX-License-Identifier: Apache-2.0
// Commands that make things for people who write components: ids and WIT packages.
#include <fmt/format.h>

#include <filesystem>

#include "cli/files.h"
#include "cli/json_out.h"
#include "cli/session.h"

namespace stele::cli {
namespace {

struct KindName {
  const char* name;
  wasm::ComponentKind kind;
};
constexpr KindName kind_names[] = {
    {"activity", wasm::ComponentKind::activity},
    {"activity_wasm", wasm::ComponentKind::activity},
    {"workflow", wasm::ComponentKind::workflow},
    {"workflow_wasm", wasm::ComponentKind::workflow},
    {"webhook", wasm::ComponentKind::webhook},
    {"webhook_endpoint", wasm::ComponentKind::webhook},
    {"webhook_endpoint_wasm", wasm::ComponentKind::webhook},
    {"stub", wasm::ComponentKind::stub},
    {"activity_stub", wasm::ComponentKind::stub},
    {"external", wasm::ComponentKind::external},
    {"activity_external", wasm::ComponentKind::external},
};

wasm::ComponentKind kind_of(const std::string& name) {
  for (const KindName& each : kind_names) {
    if (name == each.name) return each.kind;
  }
  return wasm::ComponentKind::activity;
}

void add_kind_option(CLI::App& command, std::string& kind) {
  std::vector<std::string> names;
  for (const KindName& each : kind_names) names.emplace_back(each.name);
  command.add_option("type", kind, "activity, workflow, webhook, stub or external")
      ->required()
      ->check(CLI::IsMember(names));
}

struct WitOptions {
  std::string kind;
  std::string in;
  std::string out;
  bool force = false;
};

void add_out_options(CLI::App& command, Session& session, WitOptions& options, bool required) {
  command.add_option("out", options.out, "Folder to write to")->required(required);
  command.add_flag("-f,--force", options.force, "Replace files that have other content");
  session.add_json_option(command);
}

struct Target {
  std::string path;
  const std::string* text;
  std::string status;
};

/// What would become of each file. Errors: already_exists (it has other content).
Result<std::vector<Target>> plan(const std::vector<wasm::SourceFile>& files,
                                 const WitOptions& options) {
  std::vector<Target> targets;
  for (const wasm::SourceFile& file : files) {
    Target target{(std::filesystem::path(options.out) / file.path).string(), &file.text, ""};
    const auto before = read_file(target.path);
    if (before && *before != file.text && !options.force) {
      return fail(Code::already_exists,
                  "this file has other content; nothing was written. Replace it with --force",
                  target.path);
    }
    if (!before && before.error().code != Code::not_found) return std::unexpected(before.error());
    target.status = before ? "created_or_updated" : "generated";
    if (before && *before == file.text) target.status = "up_to_date";
    targets.push_back(std::move(target));
  }
  return targets;
}

Result<void> write_files(Session& session, const std::vector<wasm::SourceFile>& files,
                         const WitOptions& options) {
  std::vector<std::string> items;
  for (const Target& target : TRY(plan(files, options))) {
    TRY(write_file(target.path, *target.text));
    items.push_back(
        fmt::format(R"({{"path":{},"status":"{}"}})", json_string(target.path), target.status));
    if (!session.json()) {
      session.console().line(fmt::format("{:<18}  {}", target.status, target.path));
    }
  }
  if (session.json()) session.console().line(array_of(items));
  if (files.empty()) session.console().notice("There is nothing to write.");
  return {};
}

void print_files(Session& session, const std::vector<wasm::SourceFile>& files) {
  std::vector<std::string> items;
  for (const wasm::SourceFile& file : files) {
    items.push_back(
        fmt::format(R"({{"path":{},"text":{}}})", json_string(file.path), json_string(file.text)));
    if (session.json()) continue;
    session.console().line("// " + file.path);
    session.console().line(file.text);
  }
  if (session.json()) session.console().line(array_of(items));
}

Result<void> support(Session& session, const WitOptions& options) {
  wasm::Toolchain& toolchain = *TRY(session.ports().toolchain());
  const auto files = toolchain.support_wit(kind_of(options.kind));
  if (!options.out.empty()) return write_files(session, files, options);
  print_files(session, files);
  return {};
}

Result<void> extensions(Session& session, const WitOptions& options) {
  wasm::Toolchain& toolchain = *TRY(session.ports().toolchain());
  std::vector<wasm::SourceFile> sources;
  for (NamedFile& file : TRY(read_wit(options.in))) {
    sources.push_back({std::move(file.path), std::move(file.text)});
  }
  auto files = toolchain.extension_wit(kind_of(options.kind), sources);
  if (!files && files.error().subject.empty()) files.error().subject = options.in;
  if (!files) return std::unexpected(std::move(files.error()));
  return write_files(session, *files, options);
}

Result<void> dependencies(Session& session, const WitOptions& options) {
  const auto files = TRY(session.ports().deployment_wit(options.in));
  return write_files(session, files, options);
}

using Make = Result<void> (*)(Session&, const WitOptions&);

void on_make(Session& session, CLI::App& command, std::shared_ptr<WitOptions> options, Make make) {
  session.on(command, [options = std::move(options), make](Session& s) {
    const Result<void> done = make(s, *options);
    return done ? number(Exit::ok) : s.console().fail(done.error());
  });
}

void add_support(CLI::App& group, Session& session) {
  const auto options = std::make_shared<WitOptions>();
  CLI::App& command = *group.add_subcommand(
      "wit-support", "Write the host's WIT packages that a component of a type may import");
  add_kind_option(command, options->kind);
  add_out_options(command, session, *options, false);
  command.footer(
      "Without a folder they are printed.\n"
      "Examples:\n  stele generate wit-support workflow wit/deps\n"
      "  stele generate wit-support activity");
  on_make(session, command, options, support);
}

void add_extensions(CLI::App& group, Session& session) {
  const auto options = std::make_shared<WitOptions>();
  CLI::App& command = *group.add_subcommand(
      "wit-extensions", "Write the -obelisk-ext, -schedule and -stub packages of a WIT folder");
  add_kind_option(command, options->kind);
  command.add_option("in", options->in, "WIT folder of the component, dependencies below it")
      ->required();
  add_out_options(command, session, *options, true);
  command.footer(
      "Example:\n  stele generate wit-extensions activity activity/wit workflow/wit/deps");
  on_make(session, command, options, extensions);
}

void add_dependencies(CLI::App& group, Session& session) {
  const auto options = std::make_shared<WitOptions>();
  CLI::App& command = *group.add_subcommand(
      "wit-deps", "Write the WIT of everything that components of a deployment may import");
  command.add_option("-d,--deployment", options->in, "deployment.toml")->required();
  add_out_options(command, session, *options, true);
  command.footer("Example:\n  stele generate wit-deps -d deployment.toml workflow/wit/deps");
  on_make(session, command, options, dependencies);
}

void add_execution_id(CLI::App& group, Session& session) {
  CLI::App& command = *group.add_subcommand("execution-id", "Print a fresh execution id");
  session.add_json_option(command);
  command.footer("Example:\n  id=$(stele generate execution-id)");
  session.on(command, [](Session& s) {
    const std::string id = s.ports().new_execution_id();
    s.console().line(s.json() ? json_string(id) : id);
    return number(Exit::ok);
  });
}

}  // namespace

void add_generate_commands(CLI::App& app, Session& session) {
  CLI::App& group = *app.add_subcommand("generate", "Make ids and WIT packages");
  group.require_subcommand(1);
  add_execution_id(group, session);
  add_support(group, session);
  add_extensions(group, session);
  add_dependencies(group, session);
}

}  // namespace stele::cli
