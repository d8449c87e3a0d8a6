# SPDX-License-Identifier: Apache-2.0
# Protobuf and gRPC code, generated into the build folder and compiled without our warnings.
find_package(PkgConfig REQUIRED)
find_package(Protobuf REQUIRED)
pkg_check_modules(GRPC REQUIRED IMPORTED_TARGET grpc++)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)
set(STELE_PROTO_DIR ${CMAKE_BINARY_DIR}/proto)

# proto_library(target GRPC|PLAIN file...): files are paths below proto/.
function(proto_library target kind)
  set(generated "")
  foreach(file IN LISTS ARGN)
    string(REGEX REPLACE "\\.proto$" "" stem ${file})
    set(outputs ${STELE_PROTO_DIR}/${stem}.pb.cc ${STELE_PROTO_DIR}/${stem}.pb.h)
    set(flags --cpp_out=${STELE_PROTO_DIR})
    if(kind STREQUAL "GRPC")
      list(APPEND outputs
        ${STELE_PROTO_DIR}/${stem}.grpc.pb.cc ${STELE_PROTO_DIR}/${stem}.grpc.pb.h)
      list(APPEND flags --grpc_out=${STELE_PROTO_DIR} --plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN})
    endif()
    add_custom_command(OUTPUT ${outputs}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${STELE_PROTO_DIR}
      COMMAND protobuf::protoc -I${CMAKE_SOURCE_DIR}/proto ${flags}
              ${CMAKE_SOURCE_DIR}/proto/${file}
      DEPENDS ${CMAKE_SOURCE_DIR}/proto/${file} VERBATIM)
    list(APPEND generated ${outputs})
  endforeach()
  add_library(${target} STATIC ${generated})
  target_include_directories(${target} SYSTEM PUBLIC ${STELE_PROTO_DIR})
  target_compile_options(${target} PRIVATE -w)
  target_link_libraries(${target} PUBLIC protobuf::libprotobuf)
  if(kind STREQUAL "GRPC")
    target_link_libraries(${target} PUBLIC PkgConfig::GRPC)
  endif()
endfunction()

proto_library(stele_journal_proto PLAIN stele/journal/v1/journal.proto)
proto_library(stele_api_proto GRPC
  stele/v1/execution.proto stele/v1/function.proto stele/v1/deployment.proto)
