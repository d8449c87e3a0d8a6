// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/catalog.h"

#include <fmt/format.h>

namespace stele::sqlite {
namespace {

FunctionRow function_of(const Statement& row) {
  FunctionRow function;
  function.id = FunctionId{static_cast<std::uint32_t>(row.integer(0))};
  function.ffqn = row.bytes(1);
  function.params = row.bytes(2);
  function.result = row.bytes(3);
  return function;
}

Result<FunctionId> put_function(Connection& connection, const FunctionRow& function) {
  Statement insert = TRY(connection.prepare(
      "insert into function(ffqn, params, result) values(?1, ?2, ?3) on conflict do nothing"));
  insert.bind_text(1, function.ffqn).bind_text(2, function.params).bind_text(3, function.result);
  TRY(insert.run());
  Statement select = TRY(connection.prepare(
      "select id from function where ffqn = ?1 and params = ?2 and result = ?3"));
  select.bind_text(1, function.ffqn).bind_text(2, function.params).bind_text(3, function.result);
  if (!TRY(select.step())) return fail(Code::internal, "a function was not stored");
  return FunctionId{static_cast<std::uint32_t>(select.integer(0))};
}

Result<void> put_component(Connection& connection, DeploymentId deployment,
                           ComponentRow& component) {
  Statement insert =
      TRY(connection.prepare("insert into component(deployment, name, kind, digest, config) "
                             "values(?1,?2,?3,?4,?5) returning id"));
  insert.bind(1, deployment.value)
      .bind_text(2, component.name)
      .bind_text(3, component.kind)
      .bind_text(4, component.digest)
      .bind_text(5, component.config);
  if (!TRY(insert.step())) return fail(Code::internal, "a component was not stored");
  const std::int64_t id = insert.integer(0);
  insert.reset();
  Statement link = TRY(connection.prepare(
      "insert into component_function(component, place, function) values(?1, ?2, ?3)"));
  std::int64_t place = 0;
  for (FunctionRow& function : component.functions) {
    function.id = TRY(put_function(connection, function));
    link.bind(1, id).bind(2, place++).bind(3, function.id.value);
    TRY(link.run());
  }
  return {};
}

Result<std::vector<FunctionRow>> functions_of(Connection& connection, std::int64_t component) {
  Statement select = TRY(connection.prepare(
      "select f.id, f.ffqn, f.params, f.result from component_function c join function f "
      "on f.id = c.function where c.component = ?1 order by c.place"));
  select.bind(1, component);
  std::vector<FunctionRow> functions;
  while (TRY(select.step())) functions.push_back(function_of(select));
  return functions;
}

}  // namespace

Result<DeploymentRow> put_deployment(Connection& connection, ValueWriter& values,
                                     const Store::NewDeployment& deployment) {
  DeploymentRow row = deployment.row;
  Statement same = TRY(connection.prepare("select id from deployment where digest = ?1"));
  same.bind_text(1, row.digest);
  if (TRY(same.step())) {
    return get_deployment(connection, DeploymentId{static_cast<std::uint32_t>(same.integer(0))});
  }
  Statement insert = TRY(connection.prepare(
      "insert into deployment(created, digest, source) values(?1, ?2, ?3) returning id"));
  insert.bind(1, row.created.us).bind_text(2, row.digest).bind_text(3, row.source);
  if (!TRY(insert.step())) return fail(Code::internal, "a deployment was not stored");
  row.id = DeploymentId{static_cast<std::uint32_t>(insert.integer(0))};
  insert.reset();
  for (ComponentRow& component : row.components) TRY(put_component(connection, row.id, component));
  for (const auto& [digest, bytes] : deployment.blobs) TRY(values.put(digest, bytes));
  return row;
}

Result<DeploymentRow> get_deployment(Connection& connection, DeploymentId id) {
  Statement select =
      TRY(connection.prepare("select created, digest, source from deployment where id = ?1"));
  select.bind(1, id.value);
  if (!TRY(select.step())) {
    return fail(Code::not_found, fmt::format("there is no deployment {}", id.value));
  }
  DeploymentRow row;
  row.id = id;
  row.created = Instant{select.integer(0)};
  row.digest = select.bytes(1);
  row.source = select.bytes(2);
  Statement components = TRY(connection.prepare(
      "select id, name, kind, digest, config from component where deployment = ?1 order by id"));
  components.bind(1, id.value);
  while (TRY(components.step())) {
    ComponentRow component;
    component.name = components.bytes(1);
    component.kind = components.bytes(2);
    component.digest = components.bytes(3);
    component.config = components.bytes(4);
    component.functions = TRY(functions_of(connection, components.integer(0)));
    row.components.push_back(std::move(component));
  }
  return row;
}

Result<std::vector<FunctionRow>> get_functions(Connection& connection) {
  Statement select =
      TRY(connection.prepare("select id, ffqn, params, result from function order by id"));
  std::vector<FunctionRow> functions;
  while (TRY(select.step())) functions.push_back(function_of(select));
  return functions;
}

Result<Bytes> get_blob(Connection& connection, std::string_view digest) {
  Statement select = TRY(connection.prepare("select bytes from blob where digest = ?1"));
  select.bind_bytes(1, digest);
  if (!TRY(select.step())) return fail(Code::not_found, fmt::format("there is no blob {}", digest));
  return Bytes(select.bytes(0));
}

}  // namespace stele::sqlite
