# One interface target that every C++ target of ours links: warnings as errors,
# sanitizers, the debug switch.
add_library(pupci_options INTERFACE)
target_compile_options(pupci_options INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers -fno-omit-frame-pointer
  # Within libstdc++ 12, by std::stable_sort; and a neighbour's names in a group (PupciUnity.cmake).
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
  $<$<AND:$<CXX_COMPILER_ID:Clang>,$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>>:-Wno-shadow>)
target_include_directories(pupci_options INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
if(PUPCI_DEBUG)
  target_compile_definitions(pupci_options INTERFACE PUPCI_DEBUG=1)
endif()
if(PUPCI_SANITIZE)
  # What the sanitizers insert makes GCC 12 suspect std::regex and std::function wrongly.
  target_compile_options(pupci_options INTERFACE -fsanitize=${PUPCI_SANITIZE}
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(pupci_options INTERFACE -fsanitize=${PUPCI_SANITIZE})
  if(PUPCI_SANITIZE MATCHES "undefined")
    target_compile_options(pupci_options INTERFACE -fno-sanitize-recover=undefined)
  endif()
endif()
