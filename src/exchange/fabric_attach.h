// Where a Linux fabric meets the frames that come in by its ports: at the kernel's tc hook, or at
// XDP before it, in the interface's driver, which leaves to tc what it cannot do.
#pragma once

#include <cstdint>

namespace fabrix::exchange {

enum class FabricAttach : std::uint8_t { kTc, kXdp };

}  // namespace fabrix::exchange
