// Arrival: a connection that a peer opened, with what has been read of it before its session
// begins.
#pragma once

#include <cstddef>
#include <vector>

#include "io/byte_stream.h"

namespace fabrix::controller {

struct Arrival {
  io::ByteStream stream;
  std::vector<std::byte> received;
};

}  // namespace fabrix::controller
