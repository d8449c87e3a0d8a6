// SPDX-License-Identifier: Apache-2.0
// Owns: the conversion between ExecutionRow and the columns of the table `execution`.
// Life cycle: none. Thread: as the statement's connection. Must hold: reads and writes name the
//   columns in the same order.
#pragma once

#include "journal/codec.h"
#include "store/sqlite/database.h"

namespace stele::sqlite {

constexpr std::string_view insert_execution =
    "insert into execution(key, deployment, stage, lifecycle, wake, blocked_on, attempts, "
    "interruptions, mark, finished, outcome_kind, failure, response_position, finished_version, "
    "outcome, controls, root, parent, parent_join_set, ulid, suffix, function, pool, created, "
    "scheduled, "
    "creation) "
    "values(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,"
    "?23,?24,?25,?26)";

constexpr std::string_view update_execution =
    "update execution set deployment=?2, stage=?3, lifecycle=?4, wake=?5, blocked_on=?6, "
    "attempts=?7, interruptions=?8, mark=?9, finished=?10, outcome_kind=?11, failure=?12, "
    "response_position=?13, finished_version=?14, outcome=?15, controls=?16 where key=?1";

/// To be followed by `from execution …`.
#define STELE_EXECUTION_COLUMNS                                                                   \
  "select key, deployment, stage, lifecycle, wake, blocked_on, attempts, interruptions, mark, "   \
  "finished, outcome_kind, failure, response_position, finished_version, outcome, root, parent, " \
  "parent_join_set, ulid, suffix, function, pool, created, scheduled, creation, controls "

struct RowStatements {
  Statement insert;
  Statement update;
};

/// Errors: those of the database; internal when an update meets no row.
Result<void> write_row(RowStatements& statements, const RowWrite& write, Codec& codec,
                       BlobSink& sink);
/// The current row of a query that begins with STELE_EXECUTION_COLUMNS.
/// Errors: data_loss, with the execution's id as subject.
Result<ExecutionRow> read_row(const Statement& statement, Codec& codec, BlobSource& source);

Bytes ulid_bytes(const Ulid& ulid);

}  // namespace stele::sqlite
