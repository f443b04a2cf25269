# Installs the client into a folder of its own, then configures, builds and runs the consumer against it. The examples in
# the public headers, in docs/client-cpp.md and in examples/ are built with it.
set(prefix ${build}/consumer/prefix)
set(consumer_build ${build}/consumer/build)
file(REMOVE_RECURSE ${build}/consumer)

function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGV}\n${output}")
  endif()
endfunction()

set(flags "")
if(sanitize)
  set(flags "-fsanitize=${sanitize}")
endif()
run(${CMAKE_COMMAND} --build ${build} --target usher_client_archive)
run(${CMAKE_COMMAND} --install ${build} --component usher_client --prefix ${prefix})
file(GLOB_RECURSE installed RELATIVE ${prefix} ${prefix}/*)
message(STATUS "installed: ${installed}")
# Writes one example, which must be a whole program.
set(examples ${build}/consumer/examples)
function(write_example name program)
  if(NOT program MATCHES "^#include <usher/[a-z_]+.h>\n.*int main\\(\\) {\n.*\n}\n$")
    message(FATAL_ERROR "${name}: no whole program found, but\n${program}")
  endif()
  file(WRITE ${examples}/${name}.cc "${program}")
endfunction()

# A header's example is the part of its opening comment that is indented.
foreach(header client ticket_source)
  file(READ ${prefix}/include/usher/${header}.h text)
  string(REGEX MATCH "\n//   #include .*\n//   }\n" example "${text}")
  string(REGEX REPLACE "\n// ? ? ?" "\n" example "${example}")
  string(REGEX REPLACE "^\n" "" example "${example}")
  write_example(header_${header} "${example}")
endforeach()

file(COPY ${source}/../../../examples/ticket_source.cc DESTINATION ${examples})

# The guide's is its first block of C++.
file(READ ${source}/../../../docs/client-cpp.md text)
string(FIND "${text}" "```cpp\n" begin)
string(SUBSTRING "${text}" ${begin} -1 text)
string(FIND "${text}" "\n```\n" end)
math(EXPR end "${end} - 6")
string(SUBSTRING "${text}" 7 ${end} example)
write_example(guide "${example}")

run(${CMAKE_COMMAND} -S ${source} -B ${consumer_build} -G ${generator}
  -D CMAKE_PREFIX_PATH=${prefix} -D CMAKE_CXX_COMPILER=${compiler} -D CMAKE_CXX_FLAGS=${flags}
  -D EXAMPLES=${examples})
run(${CMAKE_COMMAND} --build ${consumer_build})
run(${consumer_build}/consumer)
run(${consumer_build}/consumer_with_asio)
