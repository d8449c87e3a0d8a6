// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.h"

namespace stele::cli {

Exit exit_code(Code code) {
  switch (code) {
    case Code::not_found: return Exit::not_found;
    case Code::already_exists:
    case Code::failed_precondition:
    case Code::aborted: return Exit::conflict;
    case Code::invalid_argument:
    case Code::permission_denied:
    case Code::unimplemented: return Exit::refused;
    case Code::cancelled:
    case Code::deadline_exceeded:
    case Code::resource_exhausted:
    case Code::internal:
    case Code::unavailable:
    case Code::data_loss: break;
  }
  return Exit::unavailable;
}

}  // namespace stele::cli
