# cmake -DOUTPUT=… -DSOURCE=… -DBUNDLE=… -P embed.cmake: writes the page's files as a C++ source.
set(code "#include \"dev/page_files.h\"\n\nnamespace usher::dev {\nnamespace {\n\nconstexpr PageFile kFiles[] = {\n")

function(embed path type file)
  file(READ "${file}" text)
  set(code "${code}    {\"${path}\", \"${type}; charset=utf-8\", R\"~page~(${text})~page~\"},\n" PARENT_SCOPE)
endfunction()

embed("/" "text/html" "${SOURCE}/index.html")
embed("/page.css" "text/css" "${SOURCE}/page.css")
embed("/page.js" "text/javascript" "${BUNDLE}")
embed("/icon.svg" "image/svg+xml" "${SOURCE}/icon.svg")

file(WRITE "${OUTPUT}" "${code}};\n\n}  // namespace\n\nstd::span<const PageFile> page_files() { return kFiles; }\n\n}  // namespace usher::dev\n")
