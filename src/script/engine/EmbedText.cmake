# cmake -D FROM=<file> -D TO=<source> -P EmbedText.cmake
#
# Writes a C++ source with fabrix::script::kPrelude, the text of the file.
file(READ ${FROM} octets HEX)
string(REGEX REPLACE "(..)" "'\\\\x\\1'," octets "${octets}")
file(WRITE ${TO} "#include <string_view>

namespace fabrix::script {

extern const std::string_view kPrelude;
static constexpr char kText[] = {${octets}};
const std::string_view kPrelude(kText, sizeof(kText));

}  // namespace fabrix::script
")
