# cmake -D FROM=<file> -D TO=<source> -D NAME=<name> -P EmbedText.cmake
#
# Writes a C++ source with fabrix::script::NAME, the text of the file.
file(READ ${FROM} octets HEX)
string(REGEX REPLACE "(..)" "'\\\\x\\1'," octets "${octets}")
file(WRITE ${TO} "#include <string_view>

namespace fabrix::script {

extern const std::string_view ${NAME};
static constexpr char kText[] = {${octets}};
const std::string_view ${NAME}(kText, sizeof(kText));

}  // namespace fabrix::script
")
