# usher_layer(NAME [DEPENDS layer...] [LIBS library...] [TEST_SOURCES file...])
#
# One folder of src/ as one static library, and its *_test.cc as one test program. A new file needs no line here.
# The folder may include only from the layers it depends on; tests/tidy holds the same table.

add_library(usher_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
target_precompile_headers(usher_pch PRIVATE
  <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <optional> <set> <span> <string>
  <string_view> <unordered_map> <utility> <variant> <vector>)

if(USHER_TESTS)
  add_library(usher_test_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
  target_link_libraries(usher_test_pch PUBLIC GTest::gtest)
  target_precompile_headers(usher_test_pch PRIVATE
    <gtest/gtest.h> <algorithm> <array> <chrono> <functional> <map> <memory> <optional> <string> <vector>)
endif()

function(usher_reuse_pch target from)
  if(USHER_PCH)
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()

function(usher_test_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gtest GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  usher_reuse_pch(${name} usher_test_pch)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 120 ENVIRONMENT "USHER_SOURCE_DIR=${PROJECT_SOURCE_DIR}")
endfunction()

function(usher_layer name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBS;TEST_SOURCES" ${ARGN})
  set(folder ${PROJECT_SOURCE_DIR}/src/${name})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")

  list(TRANSFORM ARG_DEPENDS PREPEND usher_)
  if(sources)
    add_library(usher_${name} STATIC ${sources})
    target_include_directories(usher_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(usher_${name} PUBLIC ${ARG_DEPENDS} ${ARG_LIBS})
    usher_reuse_pch(usher_${name} usher_pch)
  else()
    add_library(usher_${name} INTERFACE)
    target_include_directories(usher_${name} INTERFACE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(usher_${name} INTERFACE ${ARG_DEPENDS} ${ARG_LIBS})
  endif()

  if(USHER_TESTS AND tests)
    usher_test_program(${name}_test SOURCES ${tests} ${ARG_TEST_SOURCES} LIBS usher_${name})
  endif()
endfunction()
