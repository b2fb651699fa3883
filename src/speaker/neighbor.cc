#include "speaker/neighbor.h"

namespace fabrix::speaker {

std::string_view to_string(NeighborState state) {
  switch (state) {
    case NeighborState::kIdle:
      return "idle";
    case NeighborState::kOpening:
      return "opening";
    case NeighborState::kEstablished:
      return "established";
  }
  return "";
}

}  // namespace fabrix::speaker
