# SPDX-License-Identifier: Apache-2.0
# stele_component(name KIND workflow|activity WORLD world WIT dir... SOURCES file...
#                 [NO_WASI] [STRIP] [DEBUG])
#
# Builds the component <build folder>/components/<name>.wasm from C++ sources: bindings of the world
# by `stele component bindings`, clang-22 for wasm32-wasi, `stele component new`. WIT folders are
# searched for *.wit; the host's own packages (obelisk:*) are added. A workflow imports no WASI; an
# activity that needs none says NO_WASI and becomes smaller and quicker to start. STRIP leaves out
# the names of functions, which backtraces show; DEBUG keeps files and lines too, in a larger file.
find_program(STELE_GUEST_CXX clang++-22 REQUIRED)
find_program(STELE_GUEST_CC clang-22 REQUIRED)
set(STELE_SDK_DIR ${CMAKE_CURRENT_LIST_DIR}/..)
set(STELE_COMPONENT_DIR ${CMAKE_BINARY_DIR}/components)
set(STELE_GUEST_FLAGS --target=wasm32-wasi -Wno-deprecated -mexec-model=reactor -fno-exceptions
    -std=c++23 -O2 -Wall -Wextra)

set(no_wasi_object ${CMAKE_BINARY_DIR}/no_wasi.o)
add_custom_command(OUTPUT ${no_wasi_object}
  COMMAND ${STELE_GUEST_CC} --target=wasm32-wasi -Wno-deprecated -O2
          -c ${STELE_SDK_DIR}/src/no_wasi.c -o ${no_wasi_object}
  DEPENDS ${STELE_SDK_DIR}/src/no_wasi.c VERBATIM)
add_custom_target(stele_no_wasi DEPENDS ${no_wasi_object})

function(stele_component name)
  cmake_parse_arguments(ARG "NO_WASI;STRIP;DEBUG" "KIND;WORLD" "WIT;SOURCES" ${ARGN})
  set(wit_files "")
  foreach(folder IN LISTS ARG_WIT ITEMS ${CMAKE_SOURCE_DIR}/wit)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS ${folder}/*.wit)
    list(APPEND wit_files ${found})
  endforeach()
  set(work ${CMAKE_BINARY_DIR}/guests/${name})
  set(bindings ${work}/bindings)
  string(REPLACE "-" "_" world_file ${ARG_WORLD})
  set(generated ${bindings}/${world_file}.cpp ${bindings}/${world_file}_component_type.o)
  add_custom_command(OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${work}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${work}/wit ${bindings} ${STELE_COMPONENT_DIR}
    COMMAND ${CMAKE_COMMAND} -E copy ${wit_files} ${work}/wit
    COMMAND stele component bindings --lang cpp --world ${ARG_WORLD} ${work}/wit ${bindings}
    DEPENDS ${wit_files} COMMENT "Bindings of ${name}" VERBATIM)

  set(objects ${generated})
  if(ARG_NO_WASI OR ARG_KIND STREQUAL "workflow")
    list(APPEND objects ${no_wasi_object})
  endif()
  set(strip -Wl,--strip-debug)
  if(ARG_STRIP)
    set(strip -Wl,--strip-all)
  elseif(ARG_DEBUG)
    set(strip -g -fdebug-prefix-map=${CMAKE_SOURCE_DIR}/=)
  endif()
  list(TRANSFORM ARG_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  file(GLOB sdk_headers CONFIGURE_DEPENDS ${STELE_SDK_DIR}/include/stele/*.h)
  set(component ${STELE_COMPONENT_DIR}/${name}.wasm)
  add_custom_command(OUTPUT ${component}
    COMMAND ${STELE_GUEST_CXX} ${STELE_GUEST_FLAGS} ${strip}
            -I${STELE_SDK_DIR}/include -I${bindings} ${ARG_SOURCES} ${objects} -o ${work}/core.wasm
    COMMAND stele component new ${work}/core.wasm -o ${component}
    DEPENDS ${ARG_SOURCES} ${objects} ${sdk_headers} COMMENT "Component ${name}" VERBATIM)
  add_custom_target(component_${name} ALL DEPENDS ${component})
  add_dependencies(component_${name} stele stele_no_wasi)
endfunction()
