/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the C ABI to engines, components and guests (bridge/src/entries.rs; the toolchain has
 *   bridge_toolchain.h).
 * Life cycle: st_engines_new to st_engines_free; a component and a guest keep what they need of
 *   it, so the order of freeing does not matter, but nothing is used after its own free.
 * Thread: engines and components: any thread. A guest: poll, resume and free never at the same
 *   time, by any thread one after another; interrupt and resident_bytes by any thread before free.
 * Must hold: no entry throws or unwinds; views are read during the call only, unless said. */
#ifndef STELE_BRIDGE_H
#define STELE_BRIDGE_H

#include "bridge_text.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct st_engines st_engines;
typedef struct st_component st_component;
typedef struct st_guest st_guest;
typedef struct st_params st_params;
typedef struct st_backtrace st_backtrace;

typedef struct {
  st_view cache_directory;   /* compiled components; empty: none are kept */
  uint32_t workflow_guests;  /* at the same time, parked ones included */
  uint32_t other_guests;     /* activities and webhooks */
  uint64_t memory_bytes;     /* largest linear memory of a pool slot */
  uint32_t epoch_tick_us;    /* at most 10,000; 0: only st_engines_tick advances (tests) */
  uint32_t blocking_threads; /* of WASI: files and DNS */
  uint8_t allocation;        /* 0 pool, on demand where it does not fit; 1 on demand; 2 on demand
                                with small reservations (sanitizers) */
  uint8_t fuel;              /* not 0: guests are metered, st_start.fuel limits them */
} st_config;

/* On success *engines is owned by the caller: st_engines_free. */
int32_t st_engines_new(const st_config* config, st_engines** engines, st_text* error);
void st_engines_free(st_engines* engines); /* may be null */
/* Advances the epochs once; for engines without a tick of their own. */
void st_engines_tick(const st_engines* engines);

typedef struct {
  uint64_t compiled; /* components that were compiled and saved in the cache */
  uint64_t cached;   /* components that were taken from it */
  uint8_t workflows_pooled;
  uint8_t others_pooled;
} st_engines_facts_t;
void st_engines_facts(const st_engines* engines, st_engines_facts_t* facts);

typedef struct {
  uint8_t kind; /* ComponentKind of wasm/description.h */
  uint8_t stub_wasi;
  st_view bytes; /* binary or text; not kept */
} st_source;

/* On success *component is owned by the caller: st_component_free. */
int32_t st_component_compile(const st_engines* engines, const st_source* source,
                             st_component** component, st_text* error);
void st_component_free(st_component* component); /* may be null */
/* The description in the encoding of bridge/src/wire.rs. The caller frees *bytes. */
int32_t st_component_description(const st_component* component, st_text* bytes, st_text* error);

typedef struct {
  st_text text; /* freed by the caller */
  uint8_t hash[16];
  uint8_t permanent;
} st_checked;
int32_t st_component_check_params(const st_component* component, st_view function, st_view json,
                                  st_checked* checked, st_text* error);
int32_t st_component_check_result(const st_component* component, st_view function, st_view json,
                                  st_checked* checked, st_text* error);

typedef struct {
  uint32_t import; /* index into the imports, or UINT32_MAX: a join set is dropped */
  uint32_t handle; /* number of the join set, or UINT32_MAX */
  uint8_t hash[16];
  const st_params* params;       /* valid until the callback returns */
  const st_backtrace* backtrace; /* likewise; null unless st_start.backtraces */
} st_call;

typedef struct {
  uint8_t kind; /* 0 answer, 1 pending, 2 trap */
  /* Owned by the host; must stay unchanged until the next callback of the same guest, or until the
     guest is resumed or freed. */
  st_view text;
} st_answer;

/* Called inside st_guest_poll, on the guest's stack (1 MiB of it is left for them). They never
   block, throw, poll, resume or free a guest. `context` is the host's and outlives the guest. */
typedef struct {
  void* context;
  void (*call)(void* context, const st_call* call, st_answer* answer);
  void (*log)(void* context, uint8_t level, st_view message);
  void (*stream)(void* context, uint8_t which, st_view bytes);
} st_callbacks;

/* Only during `call`. On success the caller frees *text. */
int32_t st_params_render(const st_params* params, st_text* text, st_text* error);

/* Likewise; the JSON of BacktraceText in wasm/guest.h. */
int32_t st_backtrace_render(const st_backtrace* backtrace, st_text* text, st_text* error);

/* From any thread, at any time, also just after st_guest_free; `context` outlives the engines. */
typedef struct {
  void* context;
  void (*woken)(void* context, uint64_t guest_id);
} st_wakes;

typedef struct {
  st_view name;
  st_view value;
} st_variable;

typedef struct {
  st_view pattern;
  const st_view* methods; /* none: all methods */
  size_t methods_count;
} st_allowed_host;

typedef struct {
  const st_variable* variables;
  size_t variables_count;
  const st_allowed_host* hosts;
  size_t hosts_count;
} st_environment;

typedef struct {
  uint64_t guest_id;
  st_view function; /* FFQN */
  st_view params;   /* JSON array in ABI form */
  uint64_t memory_bytes;
  uint64_t value_bytes;
  uint64_t cpu_us;                   /* 0: no limit */
  uint64_t fuel;                     /* of the whole guest; 0: no limit; needs st_config.fuel */
  uint8_t backtraces;                /* st_call.backtrace is there */
  const st_environment* environment; /* copied; null: nothing */
  st_callbacks callbacks;
  st_wakes wakes;
} st_start;

/* Everything in `start` but the two contexts is copied. *guest is owned by the caller. */
int32_t st_guest_new(const st_component* component, const st_start* start, st_guest** guest,
                     st_text* error);

typedef struct {
  uint8_t state;        /* PollState of wasm/guest.h */
  uint8_t failure_kind; /* FailureKind */
  uint8_t ok;
  uint8_t permanent;
  /* Owned by the guest, valid until st_guest_free. */
  st_view value;
  st_view reason;
  st_view detail;
} st_poll;
void st_guest_poll(st_guest* guest, st_poll* poll);
/* `text` is copied. Only after a poll that said `parked`. */
void st_guest_resume(st_guest* guest, uint8_t trap, st_view text);
void st_guest_interrupt(const st_guest* guest);
uint64_t st_guest_resident_bytes(const st_guest* guest);
/* Ends the guest without running any of its code. May be null. */
void st_guest_free(st_guest* guest);

#ifdef __cplusplus
}
#endif

#endif
