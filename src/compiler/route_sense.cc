#include "compiler/route_sense.h"

#include <algorithm>

#include "base/assert.h"

namespace fabrix::compiler {

std::size_t RouteSense::number_of(const policy::OnRoute& question) const {
  const auto found = std::ranges::find_if(
      questions, [&question](const policy::OnRoute& each) { return same(each, question); });
  FABRIX_ASSERT(found != questions.end());
  return static_cast<std::size_t>(found - questions.begin());
}

}  // namespace fabrix::compiler
