# SPDX-License-Identifier: Apache-2.0
# headers_alone: compiles each header of src/ that has no source file of its name, so that every
# header is seen to compile alone (tools/tidy holds x.cc to include x.h first).
function(add_headers_alone)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/src
       ${CMAKE_SOURCE_DIR}/src/*.h)
  set(sources "")
  foreach(header IN LISTS headers)
    string(REGEX REPLACE "\\.h$" ".cc" beside ${CMAKE_SOURCE_DIR}/src/${header})
    if(NOT EXISTS ${beside})
      set(source ${CMAKE_BINARY_DIR}/headers_alone/${header}.cc)
      file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${header}\"\n")
      list(APPEND sources ${source})
    endif()
  endforeach()
  if(sources)
    add_library(headers_alone OBJECT ${sources})
    target_link_libraries(headers_alone PRIVATE stele_server)
  endif()
endfunction()
