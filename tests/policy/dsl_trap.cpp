// Does not compile, which ctest checks (policy.dsl_trap): with C++'s precedence this would send web
// traffic nowhere and everything else on port 443 to C.
#include "policy/dsl.h"

int main() {
  using namespace fabrix::policy::dsl;  // NOLINT(google-build-using-namespace): as users do.
  const Policy outbound = match(dstport = 80) >> fwd("B") + match(dstport = 443) >> fwd("C");
  return static_cast<int>(outbound.text().size());
}
