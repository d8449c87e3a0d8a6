/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the C ABI to the tools that look at, check and make components (bridge/src/wit/entries.rs).
 * Life cycle: stateless. Thread: any.
 * Must hold: no entry throws or unwinds. Views are borrowed for the call and never kept. Each entry
 *   returns 0 and writes its answer, or a code of base/error.h and writes *error; the one that was
 *   written is owned by the caller, who frees it with st_text_free; the other is left as it was.
 *
 * Lists travel as bytes: a number is a little-endian u32, a text its length and its bytes, a list
 * its count and its items, a record its fields in order:
 *   function    interface, name, list of (name, type), result, extendable (0 or 1)
 *   description list of functions exported, list of functions imported, list of WASI names, digest
 *   party       component name, kind (ComponentKind), origin (WitOrigin), functions
 *               exported, functions imported
 *   file        path, text
 *   exporter    kind, bytes of a component or of WIT */
#ifndef STELE_BRIDGE_TOOLCHAIN_H
#define STELE_BRIDGE_TOOLCHAIN_H

#include "bridge_text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a component (binary or text) exports and imports: a description. */
int32_t st_tool_inspect(st_view component, st_text* description, st_text* error);

/* The WIT of a component. */
int32_t st_tool_wit(st_view component, st_text* text, st_text* error);

/* WIT sources, printed: the package of the first file, then the others. `files`: list of files. The
 * host's packages may be left out. */
int32_t st_tool_print_wit(st_view files, st_text* text, st_text* error);

/* A component from a core module. `wit` empty: what the module embeds; `world` empty: the only one.
 * The preview1 adapter is added where the module imports wasi_snapshot_preview1. */
int32_t st_tool_new_component(st_view module, st_view wit, st_view world, st_text* component,
                              st_text* error);

/* Guest bindings; `language` 0 C, 1 C++. `wit`: list of files. *files: list of files; those
 * ending in .o are binary. */
int32_t st_tool_bindings(uint8_t language, st_view wit, st_view world, st_text* files,
                         st_text* error);

/* A component that exports `functions` (list of functions; types in structural text) and traps in
 * each of them. */
int32_t st_tool_types_only(st_view functions, st_text* component, st_text* error);

/* What the own interfaces of WIT sources (list of files) offer: a description. */
int32_t st_tool_describe_wit(st_view files, st_text* description, st_text* error);

/* WIT to build against, lists of files: the host's packages for a kind of component; what is
 * derived from sources (list of files); all that a deployment of `exporters` (list) offers. */
int32_t st_tool_support_wit(uint8_t kind, st_text* files, st_text* error);
int32_t st_tool_extension_wit(uint8_t kind, st_view wit, st_text* files, st_text* error);
int32_t st_tool_dependency_wit(st_view exporters, st_text* files, st_text* error);

/* All imports against all exports. `parties`: list of parties. *problems: list of (component,
 * function, reason). */
int32_t st_tool_check_links(st_view parties, st_text* problems, st_text* error);

#ifdef __cplusplus
}
#endif

#endif
