# SPDX-License-Identifier: Apache-2.0
# Compiler, warnings, cache and linker for every target of the project.
find_program(CCACHE ccache)
if(CCACHE)
  # Paths below the checkout count as relative, so that each clone finds what another has compiled.
  set(ccache_command ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${ccache_command})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ccache_command})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(stele_options INTERFACE)
target_compile_options(stele_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  # TRY needs __COUNTER__, which clang calls an extension; libstdc++ 12 calls what it deprecates.
  target_compile_options(stele_options INTERFACE -Wthread-safety
    -Wno-c2y-extensions -Wno-deprecated-declarations)
endif()
target_include_directories(stele_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
option(STELE_CHECK_SLOW "Compile the costly internal checks in" OFF)
if(STELE_CHECK_SLOW)
  target_compile_definitions(stele_options INTERFACE STELE_CHECK_SLOW=1)
endif()
# limit_60 and so on: how many seconds a test may take.
set(STELE_TIMEOUT_FACTOR 1 CACHE STRING "By how much tests may be slower than in a release")
foreach(seconds 60 120 300 600)
  math(EXPR limit_${seconds} "${seconds} * ${STELE_TIMEOUT_FACTOR}")
endforeach()
# AddressSanitizer keeps 256 MiB of what was freed, and ThreadSanitizer notes of all that is used.
set(STELE_MEMORY_FACTOR 1 CACHE STRING "By how much more memory a server may take in tests")
set(STELE_SANITIZE "" CACHE STRING "address;undefined or thread, or empty")
if(STELE_SANITIZE)
  list(JOIN STELE_SANITIZE "," sanitizers)
  add_compile_options(-fsanitize=${sanitizers} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${sanitizers})
endif()
# A sanitizer's library, which comes before any other one that a test preloads.
set(sanitizer_library "")
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND "${STELE_SANITIZE}" MATCHES "(address|thread)")
  string(REGEX REPLACE "^(.).*" "lib\\1san.so" sanitizer_library ${CMAKE_MATCH_1})
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=${sanitizer_library}
                  OUTPUT_VARIABLE sanitizer_library OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
# What tests that run servers are told.
set(server_environment STELE_BUILD=${CMAKE_BINARY_DIR} STELE_LIMIT_S=${limit_60}
    STELE_MEMORY_FACTOR=${STELE_MEMORY_FACTOR} STELE_PRELOAD_FIRST=${sanitizer_library})

if(NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
  set(user_cache "$ENV{XDG_CACHE_HOME}")
else()
  set(user_cache "$ENV{HOME}/.cache")
endif()
set(STELE_CACHE_DIR "${user_cache}/stele-build" CACHE PATH
  "Build caches that outlive the checkout")
