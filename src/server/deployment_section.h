// SPDX-License-Identifier: Apache-2.0
// Owns: the parts of reading one section of a deployment file, by subject.
// Life cycle: while the section is read. Thread: one. Must hold: each part asks the reader for all
// of
//   its keys, also when they have no effect.
#pragma once

#include "server/deployment_file.h"
#include "server/toml_reader.h"

namespace stele::server {

struct Section {
  TomlReader& reader;
  ComponentSettings& settings;
  std::vector<std::string>& notes;
  Variable variable;
};

/// Says that a key that is set has no effect, and why.
void note(Section& section, std::string_view key, std::string_view why);

/// `path` without the prefix for the deployment file's folder; refused if it leads out of it.
Result<std::string> path_below(Section& section, const toml::node& node, std::string_view key);
/// `name`, 1 to 255 letters, digits, `_`, `.` or `-`.
Result<void> check_name(Section& section, const std::string& name);

/// `name`, `location` and the digests of a component that is a file.
Result<void> read_file_keys(Section& section);
/// `ffqn` and what goes with it: a component that is written in the deployment file.
Result<void> read_inline(Section& section);
/// `exec` of what runs.
Result<void> read_exec(Section& section);
/// Retries and their backoff.
Result<void> read_retry(Section& section);
/// What only workflows have.
Result<void> read_workflow_keys(Section& section);

}  // namespace stele::server
