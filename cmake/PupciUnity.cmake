# pupci_unity(TARGET [AT path...] [ALONE file...]): compiles the target's C++ sources in groups, so
# that what they include is read and instantiated once a group; the libraries only with PUPCI_UNITY
# ALL, all else with PROGRAMS too. A group begins
# at each path of AT in alphabetical order (so that a new file joins one group and leaves the others
# as they were); without AT there is one. The linter takes the same groups (scripts/check/tidy.sh).
# A group is one translation unit: when two of its files have the same name in their anonymous
# namespaces ("redefinition of", "is ambiguous"), rename one, or name its file after ALONE.
function(pupci_unity target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "AT;ALONE")
  get_target_property(type ${target} TYPE)
  if(NOT PUPCI_UNITY STREQUAL "ALL" AND (NOT PUPCI_UNITY STREQUAL "PROGRAMS" OR type STREQUAL "SHARED_LIBRARY"))
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(source ${sources})
    get_filename_component(path ${source} ABSOLUTE)
    file(RELATIVE_PATH name ${CMAKE_CURRENT_SOURCE_DIR} ${path})
    if(NOT name MATCHES "\\.cc$" OR name MATCHES "^\\.\\./" OR name IN_LIST arg_ALONE)
      continue()
    endif()
    set(group 0)
    foreach(boundary ${arg_AT})
      if(NOT name STRLESS boundary)
        math(EXPR group "${group} + 1")
      endif()
    endforeach()
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # It takes a source that a group includes for a header.
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>)
endfunction()
