// SPDX-License-Identifier: Apache-2.0
// Names and places of components.
#include <fmt/format.h>

#include <algorithm>

#include "server/deployment_section.h"

namespace stele::server {

void note(Section& section, std::string_view key, std::string_view why) {
  section.notes.push_back(fmt::format("{}: `{}` of component `{}` has no effect: {}",
                                      section.reader.path(), key, section.settings.name, why));
}

Result<std::string> path_below(Section& section, const toml::node& node, std::string_view key) {
  const auto given = node.value_exact<std::string>();
  if (!given) return section.reader.refuse(node, fmt::format("`{}` must be a path", key));
  std::string path = *given;
  constexpr std::string_view prefix = "${DEPLOYMENT_DIR}/";
  if (path.starts_with(prefix)) path.erase(0, prefix.size());
  const bool climbs = path == ".." || path.starts_with("../") ||
                      path.find("/../") != std::string::npos || path.ends_with("/..");
  if (path.empty() || path.front() == '/' || climbs)
    return section.reader.refuse(node, fmt::format("`{}` must be a path below the deployment "
                                                   "file's folder, found \"{}\"",
                                                   key, *given));
  return path;
}

namespace {

Result<void> read_location(Section& section) {
  const auto location = TRY(section.reader.text("location"));
  const toml::table& raw = section.reader.raw();
  if (!location)
    return section.reader.refuse(
        raw, fmt::format("component `{}` has no `location`", section.settings.name));
  const toml::node& node = *raw.get("location");
  if (location->starts_with("oci://"))
    return section.reader.refuse(
        node,
        "`location` in a registry (oci://) is not supported in this version; "
        "put the file beside the deployment file");
  section.settings.location = TRY(path_below(section, node, "location"));
  return {};
}

}  // namespace

Result<void> check_name(Section& section, const std::string& name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  if (!name.empty() && name.size() <= 255 && std::ranges::all_of(name, fits)) return {};
  const toml::node* node = section.reader.raw().get("name");
  return section.reader.refuse(node == nullptr ? section.reader.raw() : *node,
                               fmt::format("`name` must be 1 to 255 letters, digits, `_`, `.` or "
                                           "`-`, found \"{}\"",
                                           name));
}

Result<void> read_file_keys(Section& section) {
  const auto name = TRY(section.reader.text("name"));
  if (!name)
    return section.reader.refuse(section.reader.raw(),
                                 fmt::format("{} has no `name`", section.reader.where()));
  TRY(check_name(section, *name));
  section.settings.name = *name;
  TRY(read_location(section));
  section.settings.content_digest = TRY(section.reader.text("content_digest"))
  .value_or("");
  for (const std::string_view key : {"component_files", "component_digest"})
    if (section.reader.find(key) != nullptr) note(section, key, "the file itself is what counts");
  return {};
}

}  // namespace stele::server
