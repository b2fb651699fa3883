# cmake -D FROM=<file> -D TO=<source> -D MODULE=<module> -D NAME=<function> -D HEADER=<header>
#   -P EmbedFile.cmake
#
# Writes a C++ source that defines `std::span<const std::byte> fabrix::MODULE::NAME()`, the octets of
# the file.
file(READ ${FROM} octets HEX)
string(LENGTH "${octets}" digits)
math(EXPR count "${digits} / 2")
string(REGEX REPLACE "(..)" "0x\\1," octets "${octets}")
file(WRITE ${TO} "#include \"${HEADER}\"

#include <array>

namespace fabrix::${MODULE} {

std::span<const std::byte> ${NAME}() {
  // libbpf reads it as an ELF file in place.
  alignas(8) static constexpr std::array<unsigned char, ${count}> kOctets{${octets}};
  return std::as_bytes(std::span(kOctets));
}

}  // namespace fabrix::${MODULE}
")
