# SPDX-License-Identifier: Apache-2.0
# The Rust bridge as an imported static library. cargo's target folder lies in the user's cache.
find_program(CARGO cargo REQUIRED)
set(STELE_CARGO_TARGET ${STELE_CACHE_DIR}/cargo)
set(bridge_library ${STELE_CARGO_TARGET}/release/libstele_bridge.a)
add_custom_target(stele_bridge_cargo
  COMMAND ${CMAKE_COMMAND} -E env CARGO_TARGET_DIR=${STELE_CARGO_TARGET}
          ${CARGO} build --release --locked
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/bridge
  BYPRODUCTS ${bridge_library}
  COMMENT "Building the bridge (cargo; the first time takes some minutes)" USES_TERMINAL VERBATIM)
add_library(stele_bridge STATIC IMPORTED GLOBAL)
set_target_properties(stele_bridge PROPERTIES IMPORTED_LOCATION ${bridge_library})
target_include_directories(stele_bridge INTERFACE ${CMAKE_SOURCE_DIR}/bridge/include)
target_link_libraries(stele_bridge INTERFACE pthread dl m)
add_dependencies(stele_bridge stele_bridge_cargo)

# The bridge's own unit tests: compiled with the rest, run as one test.
function(add_bridge_tests)
  set(cargo_test ${CMAKE_COMMAND} -E env CARGO_TARGET_DIR=${STELE_CARGO_TARGET}
      ${CARGO} test --release --locked --lib)
  add_custom_target(stele_bridge_tests ALL COMMAND ${cargo_test} --no-run
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/bridge
    COMMENT "Building the tests of the bridge" USES_TERMINAL VERBATIM)
  add_dependencies(stele_bridge_tests stele_bridge_cargo)
  add_test(NAME unit.bridge COMMAND ${cargo_test} --quiet
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/bridge)
  set_tests_properties(unit.bridge PROPERTIES LABELS unit TIMEOUT ${limit_600})
endfunction()
