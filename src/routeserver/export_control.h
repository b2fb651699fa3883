// Export control: the communities by which a member says who may hear of its routes.
//
//   standard (RFC 1997)   large (RFC 8092)   meaning
//   0:PEER                RS:0:PEER          do not announce to PEER
//   RS:PEER               RS:1:PEER          announce to PEER (overrides the next)
//   0:RS                  RS:0:0             do not announce to anyone
//   RS:RS                 RS:1:0             announce to everyone (the default)
//
// The Euro-IX forms; what names a peer goes before what names all, and "do not" before "do". RS is
// the exchange's AS. NO_EXPORT and its kin pass through to the clients (the custom at exchanges).
#pragma once

#include "bgp/path_attributes.h"
#include "net/asn.h"

namespace fabrix::routeserver {

bool may_export(const bgp::PathAttributes& attributes, net::Asn route_server, net::Asn client);

// The attributes without the communities that speak to this route server: clients have no use for
// them.
bgp::PathAttributes scrub(const bgp::PathAttributes& attributes, net::Asn route_server);

}  // namespace fabrix::routeserver
