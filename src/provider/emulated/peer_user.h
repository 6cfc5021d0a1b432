#pragma once

namespace slsart::provider::emulated {

// Whether the other end of a loopback connection belongs to the user of this process. Lambda's
// Runtime API knows no tokens, so this is what keeps other users of the machine away from it. Asks
// the kernel (sock_diag), else reads /proc/net/tcp; false when neither can tell.
bool peer_is_own_user(int descriptor);

}  // namespace slsart::provider::emulated
