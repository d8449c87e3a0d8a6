# SPDX-License-Identifier: Apache-2.0
# Fails unless the bridge's wasmtime has the features that it needs and none that it must not have:
# with component-model-async each call takes the long path; gc and threads widen what guests may do.
execute_process(
  COMMAND ${CARGO} tree --locked --offline -e features,normal -i wasmtime --prefix none
  WORKING_DIRECTORY ${BRIDGE} OUTPUT_VARIABLE tree RESULT_VARIABLE result ERROR_VARIABLE error)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "cargo tree: ${error}")
endif()
foreach(needed addr2line async backtrace component-model cranelift pooling-allocator)
  if(NOT tree MATCHES "wasmtime feature \"${needed}\"")
    message(FATAL_ERROR "wasmtime is built without ${needed}")
  endif()
endforeach()
foreach(banned component-model-async component-model-async-bytes gc threads profiling cache debug)
  if(tree MATCHES "wasmtime feature \"${banned}\"")
    message(FATAL_ERROR "wasmtime is built with ${banned}")
  endif()
endforeach()
