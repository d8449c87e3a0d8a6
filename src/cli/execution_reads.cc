// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "cli/json_out.h"
#include "cli/session.h"

namespace stele::cli {
namespace {

constexpr std::uint32_t items_max = 1000;

std::string list_row_result(const Execution& execution) {
  const Duration took = execution.finished - execution.created;
  return execution.result ? duration_text(took) : "";
}

int list(Session& session, ApiClient& client, const ListQuery& query) {
  const auto page = client.list(query);
  if (!page) return session.console().fail(page.error());
  if (session.json()) {
    std::vector<std::string> items;
    for (const Execution& each : page->executions) items.push_back(to_json(each));
    session.console().line(array_of(items));
    return number(Exit::ok);
  }
  Table table({"ID", "FUNCTION", "STATE", "CREATED", "TOOK"});
  for (const Execution& each : page->executions) {
    table.add(
        {each.id, each.ffqn, state_text(each), to_rfc3339(each.created), list_row_result(each)});
  }
  table.print(session.console());
  if (!page->next_cursor.empty()) {
    session.console().notice("More: --cursor " + page->next_cursor);
  }
  return number(Exit::ok);
}

void add_list(CLI::App& group, Session& session) {
  const auto query = std::make_shared<ListQuery>();
  CLI::App& command = *group.add_subcommand("list", "List executions, newest first");
  command.add_option("--ffqn", query->ffqn_prefix, "Only functions whose name starts so");
  command.add_option("-e,--execution-id", query->id_prefix, "Only ids that start so");
  command.add_flag("--show-derived", query->derived, "Children too");
  command.add_flag("--hide-finished", query->hide_finished, "Only what is not finished");
  command.add_flag("--open-stubs", query->open_values,
                   "Only stubs and external activities that wait for their value");
  command.add_option("--limit", query->limit, "At most so many (20)")
      ->check(CLI::Range(1U, items_max));
  command.add_option("--cursor", query->cursor, "Go on after a page before");
  session.add_client_options(command);
  command.footer(
      "Examples:\n"
      "  stele execution list --hide-finished --ffqn demo:\n"
      "  stele execution list --open-stubs --json");
  session.on_server(command,
                    [query](Session& s, ApiClient& client) { return list(s, client, *query); });
}

using ReadItems = Result<ItemPage> (ApiClient::*)(const PageQuery&);

struct ItemsOptions {
  PageQuery query;
  std::string name;  ///< of the JSON member and of the number's column
  std::string number;
};

/// Reads pages until there are as many items as were asked for.
Result<ItemPage> read_items(ApiClient& client, ReadItems read, PageQuery query) {
  ItemPage all;
  const std::uint32_t wanted = query.limit == 0 ? items_max : query.limit;
  do {
    query.limit = wanted - static_cast<std::uint32_t>(all.items.size());
    ItemPage page = TRY((client.*read)(query));
    const bool stalled = page.items.empty();
    std::ranges::move(page.items, std::back_inserter(all.items));
    all.more = page.more && !stalled;
    all.next = page.next;
    query.from = page.next;
  } while (all.more && all.items.size() < wanted);
  return all;
}

int items(Session& session, ApiClient& client, ReadItems read, const ItemsOptions& options) {
  const auto page = read_items(client, read, options.query);
  if (!page) return session.console().fail(page.error());
  if (session.json()) {
    std::vector<std::string> texts;
    for (const Item& item : page->items) texts.push_back(item.json);
    session.console().line(fmt::format(R"({{"{}":{},"more":{},"next":{}}})", options.name,
                                       array_of(texts), page->more, page->next));
    return number(Exit::ok);
  }
  Table table({options.number, "TIME", "KIND", "DETAILS"});
  for (const Item& item : page->items) {
    table.add({std::to_string(item.number), to_rfc3339(item.at), item.kind, item.summary});
  }
  table.print(session.console());
  if (page->more) session.console().notice(fmt::format("More: --from {}", page->next));
  return number(Exit::ok);
}

void add_items(CLI::App& command, Session& session, ReadItems read, const char* name,
               const char* number_column) {
  const auto options = std::make_shared<ItemsOptions>();
  options->name = name;
  options->number = number_column;
  command.add_option("id", options->query.id, "E_…")->required();
  command.add_option("--from", options->query.from, "First number wanted");
  command.add_option("--limit", options->query.limit, "At most so many (1000)")
      ->check(CLI::Range(1U, items_max));
  session.add_client_options(command);
  session.on_server(command, [options, read](Session& s, ApiClient& client) {
    return items(s, client, read, *options);
  });
}

int logs(Session& session, ApiClient& client, const PageQuery& query) {
  std::vector<LogLine> lines;
  PageQuery next = query;
  const std::uint32_t wanted = query.limit == 0 ? items_max : query.limit;
  bool more = true;
  while (more && lines.size() < wanted) {
    next.limit = wanted - static_cast<std::uint32_t>(lines.size());
    auto page = client.logs(next);
    if (!page) return session.console().fail(page.error());
    more = !page->lines.empty();
    next.from = page->next;
    std::ranges::move(page->lines, std::back_inserter(lines));
  }
  std::vector<std::string> texts;
  for (const LogLine& line : lines) {
    const std::string& kind = line.stream.empty() ? line.level : line.stream;
    if (session.json()) {
      texts.push_back(to_json(line));
    } else {
      session.console().line(fmt::format("{}  {:<6}  {}", to_rfc3339(line.at), kind, line.message));
    }
  }
  if (session.json()) session.console().line(array_of(texts));
  const bool cut = more && !session.json();
  if (cut) session.console().notice(fmt::format("More: --after {}", next.from));
  return number(Exit::ok);
}

void add_logs(CLI::App& group, Session& session) {
  const auto query = std::make_shared<PageQuery>();
  CLI::App& command = *group.add_subcommand("logs", "Show what an execution has logged");
  command.add_option("id", query->id, "E_…")->required();
  command.add_option("--after", query->from, "Go on after a page before");
  command.add_option("--limit", query->limit, "At most so many (1000)")
      ->check(CLI::Range(1U, items_max));
  session.add_client_options(command);
  command.footer("Example:\n  stele execution logs E_01K8X5M1J3QZ0V9T7RB2C4D6EF");
  session.on_server(command,
                    [query](Session& s, ApiClient& client) { return logs(s, client, *query); });
}

}  // namespace

void add_execution_reads(CLI::App& group, Session& session) {
  add_list(group, session);
  CLI::App& events = *group.add_subcommand("events", "Show an execution's history");
  events.footer("Example:\n  stele execution events E_01K8X5M1J3QZ0V9T7RB2C4D6EF --from 10");
  add_items(events, session, &ApiClient::events, "events", "VERSION");
  CLI::App& responses =
      *group.add_subcommand("responses", "Show what its children and delays answered");
  responses.footer("Example:\n  stele execution responses E_01K8X5M1J3QZ0V9T7RB2C4D6EF");
  add_items(responses, session, &ApiClient::responses, "responses", "SEQ");
  add_logs(group, session);
}

}  // namespace stele::cli
