/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the text types of the bridge's C ABI. Life cycle: plain values. Thread: any.
 * Must hold: a view is only read during the call; a text is freed once, with st_text_free. */
#ifndef STELE_BRIDGE_TEXT_H
#define STELE_BRIDGE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Borrowed bytes: valid for the call in which they are passed, unless said otherwise. */
typedef struct {
  const char* data; /* may be null if size is 0 */
  size_t size;
} st_view;

/* Bytes allocated by the bridge. The receiver owns them and frees them with st_text_free. */
typedef struct {
  char* data; /* null: nothing to free */
  size_t size;
  size_t capacity;
} st_text;

/* Frees what `text` holds and makes it empty. `text` may be null or empty. */
void st_text_free(st_text* text);

/* Functions that can fail return 0, or a code of base/error.h with the reason in *error, which the
 * caller frees. `error` may be null. */

#ifdef __cplusplus
}
#endif

#endif
