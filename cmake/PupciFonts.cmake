# The console's built-in fonts, made from the font files of the system: Debian's fonts-spleen and
# xfonts-terminus. Elsewhere say where they lie: -DPUPCI_FONT_DIR=DIRECTORY.
set(PUPCI_FONT_DIR /usr/share/fonts/X11/misc CACHE PATH "Where spleen-*.pcf.gz and ter-u*_unicode.pcf.gz are")

# pupci_builtin_fonts(TARGET NAME[:WxH]=FILE ...): compiles the fonts into a target. With a size,
# an anti-aliased font of it is made from the larger one in the file.
function(pupci_builtin_fonts target)
  set(files "")
  set(fonts "")
  foreach(font ${ARGN})
    string(REGEX REPLACE "^[^=]*=" "${PUPCI_FONT_DIR}/" file "${font}")
    if(NOT EXISTS ${file})
      message(FATAL_ERROR "no font ${file}: install the packages fonts-spleen and xfonts-terminus, or set PUPCI_FONT_DIR")
    endif()
    string(REGEX REPLACE "=.*" "=${file}" font "${font}")
    list(APPEND files ${file})
    list(APPEND fonts "${font}")
  endforeach()
  list(REMOVE_DUPLICATES files)
  set(source ${PROJECT_BINARY_DIR}/generated/wsfont_builtin.cc)
  add_custom_command(OUTPUT ${source} COMMAND pupci-fonts ${source} ${fonts}
    DEPENDS pupci-fonts ${files} COMMENT "Making the built-in fonts" VERBATIM)
  target_sources(${target} PRIVATE ${source})
endfunction()
