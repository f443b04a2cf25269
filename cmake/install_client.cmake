# The client library as others use it: one archive without server code, two headers, find_package(usher).
#
#   cmake --install build/release --component usher_client --prefix /usr/local
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# All objects as one, in which only what the public headers declare is global. Our copy of Asio is compiled with other macros than the
# consumer's may be; were its symbols visible, the linker would mix the two.
set(client_layers client_net http_client client asio wire base)
list(TRANSFORM client_layers REPLACE "(.+)" "$<TARGET_OBJECTS:usher_\\1>" OUTPUT_VARIABLE client_objects)
set(client_object ${PROJECT_BINARY_DIR}/lib/usher_client.o)
add_custom_command(OUTPUT ${client_object}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/lib
  COMMAND ${CMAKE_LINKER} -r --force-group-allocation -o ${client_object}.all ${client_objects}
  # "Unique" symbols, of templates' static members, can't be made local before they are weak.
  COMMAND ${CMAKE_NM} --defined-only --extern-only --format=just-symbols ${client_object}.all > ${client_object}.names
  COMMAND ${CMAKE_OBJCOPY} --weaken-symbols=${client_object}.names ${client_object}.all
  COMMAND ${CMAKE_OBJCOPY} --wildcard
    "--keep-global-symbol=_ZN5usher6Client*" "--keep-global-symbol=_ZNK5usher6Client*"
    "--keep-global-symbol=_ZN5usher12TicketSource*" "--keep-global-symbol=_ZNK5usher12TicketSource*"
    "--keep-global-symbol=_ZNK5usher6Ticket[0-9]*"
    "--keep-global-symbol=_ZN5usher9to_stringENS_12ClientStatusE" ${client_object}.all ${client_object}
  COMMAND ${CMAKE_COMMAND} -E rm ${client_object}.all ${client_object}.names
  DEPENDS ${client_objects} COMMAND_EXPAND_LISTS VERBATIM)
add_library(usher_client_archive STATIC ${client_object})
set_source_files_properties(${client_object} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
set_target_properties(usher_client_archive PROPERTIES
  OUTPUT_NAME usher_client EXPORT_NAME client LINKER_LANGUAGE CXX
  ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
target_compile_features(usher_client_archive INTERFACE cxx_std_20)
target_link_libraries(usher_client_archive INTERFACE
  OpenSSL::SSL OpenSSL::Crypto Boost::json simdjson::simdjson Threads::Threads)
target_include_directories(usher_client_archive INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/usher)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/usherConfig.cmake.in
  ${PROJECT_BINARY_DIR}/usherConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/usherConfigVersion.cmake COMPATIBILITY SameMinorVersion)

install(TARGETS usher_client_archive EXPORT usherTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT usher_client)
install(EXPORT usherTargets NAMESPACE usher:: DESTINATION ${package_folder} COMPONENT usher_client)
install(FILES ${PROJECT_SOURCE_DIR}/include/usher/client.h ${PROJECT_SOURCE_DIR}/include/usher/ticket_source.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/usher COMPONENT usher_client)
install(FILES ${PROJECT_BINARY_DIR}/usherConfig.cmake ${PROJECT_BINARY_DIR}/usherConfigVersion.cmake
  DESTINATION ${package_folder} COMPONENT usher_client)

if(USHER_TESTS)
  set_target_properties(usher_client_archive PROPERTIES EXCLUDE_FROM_ALL ON)  # the test builds it
  add_test(NAME client.consumer COMMAND ${CMAKE_COMMAND}
    -D build=${PROJECT_BINARY_DIR} -D source=${PROJECT_SOURCE_DIR}/tests/integration/consumer
    -D generator=${CMAKE_GENERATOR} -D compiler=${CMAKE_CXX_COMPILER} -D sanitize=${USHER_SANITIZE}
    -P ${PROJECT_SOURCE_DIR}/tests/integration/consumer/run.cmake)
  set_tests_properties(client.consumer PROPERTIES TIMEOUT 300)
endif()
