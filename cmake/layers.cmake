# usher_layer(NAME [FOLDER folder] [DEPENDS layer...] [LIBS library...] [TEST_DEPENDS layer...] [TEST_SOURCES file...])
#
# One room: a folder of src/ (or FOLDER) as one static library, and its *_test.cc as one test program. A new file needs no
# line here. The room may include only from the layers it depends on, directly or through them; its tests also from
# TEST_DEPENDS.

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
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  usher_reuse_pch(${name} usher_test_pch)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 120 ENVIRONMENT "USHER_SOURCE_DIR=${PROJECT_SOURCE_DIR}")
endfunction()

# A folder under which only `folder` can be included, as "folder/x.h": a link to it, in a folder of its own. A room's compiler
# is given those of the rooms it depends on, so it can't find what the room must not include.
function(usher_include_root out name folder)
  cmake_path(RELATIVE_PATH folder BASE_DIRECTORY ${PROJECT_SOURCE_DIR}/src OUTPUT_VARIABLE path)
  if(path MATCHES "^\\.\\.")
    cmake_path(RELATIVE_PATH folder BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE path)
  endif()
  set(root ${PROJECT_BINARY_DIR}/rooms/${name})
  cmake_path(GET path PARENT_PATH parent)
  file(MAKE_DIRECTORY ${root}/${parent})
  file(CREATE_LINK ${folder} ${root}/${path} SYMBOLIC)
  set(${out} ${root} PARENT_SCOPE)
endfunction()

function(usher_layer name)
  cmake_parse_arguments(ARG "" "FOLDER" "DEPENDS;LIBS;TEST_DEPENDS;TEST_SOURCES" ${ARGN})
  if(NOT ARG_FOLDER)
    set(ARG_FOLDER ${name})
  endif()
  cmake_path(ABSOLUTE_PATH ARG_FOLDER BASE_DIRECTORY ${PROJECT_SOURCE_DIR}/src NORMALIZE OUTPUT_VARIABLE folder)
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  usher_include_root(root ${name} ${folder})

  list(TRANSFORM ARG_DEPENDS PREPEND usher_)
  if(sources)
    add_library(usher_${name} STATIC ${sources})
    target_include_directories(usher_${name} PUBLIC ${root})
    target_link_libraries(usher_${name} PUBLIC ${ARG_DEPENDS} ${ARG_LIBS})
    usher_reuse_pch(usher_${name} usher_pch)
  else()
    add_library(usher_${name} INTERFACE)
    target_include_directories(usher_${name} INTERFACE ${root})
    target_link_libraries(usher_${name} INTERFACE ${ARG_DEPENDS} ${ARG_LIBS})
  endif()

  if(USHER_TESTS AND tests)
    list(TRANSFORM ARG_TEST_DEPENDS PREPEND usher_)
    usher_test_program(${name}_test SOURCES ${tests} ${ARG_TEST_SOURCES} LIBS usher_${name} ${ARG_TEST_DEPENDS})
  endif()
endfunction()
