// check_chains(): whether what a policy sends through middleboxes comes out again (I5), and what it
// receives through them goes one way (I11).
//
// Where packets go from a middlebox's port is decided there, whatever the middlebox has made of
// them: outbound by the clause that they are of now, inbound by the port alone.
#pragma once

#include "net/ids.h"
#include "verify/findings.h"

namespace fabrix::verify {

void check_chains(const Task& task, net::ParticipantId owner);

}  // namespace fabrix::verify
