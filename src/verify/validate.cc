#include "verify/validate.h"

#include <memory>

#include "verify/verifier.h"

namespace fabrix::verify {

std::vector<Violation> validate(const World& world, const program::Program& program,
                                const NextHopOf& next_hop, const Terms& terms) {
  // Not owned: the Verifier is gone before the Program.
  const program::ProgramPtr borrowed(std::shared_ptr<const void>(), &program);
  const EachAsked next_hops(*world.exchange, *world.reachability, next_hop);
  return Verifier().check({world, borrowed, next_hops, terms});
}

}  // namespace fabrix::verify
