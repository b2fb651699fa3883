// review(): everything the compiler has to say about a policy with fsms in any state that they can
// come to, when the policy is read: what is wrong in a rare state is found before it is entered.
//
// The compiler keeps what it has.
#pragma once

#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "compiler/compiler.h"
#include "net/ids.h"
#include "policy/fsm_policy.h"

namespace fabrix::controller {

// Warnings are of what is odd in all states; of an error in some the witness says in which.
Result<std::vector<Diagnostic>, std::vector<Diagnostic>> review(compiler::Compiler& compiler,
                                                                net::ParticipantId participant,
                                                                const policy::FsmPolicy& policy,
                                                                std::string_view file);

}  // namespace fabrix::controller
