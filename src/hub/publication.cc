#include "hub/publication.h"

namespace usher::hub {

PublicationViews::PublicationViews(const Publications& publications) {
  // Reserved, so that the views' pointers into it hold.
  infos_.reserve(publications.size());
  views_.reserve(publications.size());
  for (const PublicationPtr& publication : publications) {
    const wire::ClientInfo* info = nullptr;
    if (publication->info != nullptr) info = &infos_.emplace_back(publication->info->view());
    views_.push_back({publication->data, publication->offset, info, publication->tags});
  }
}

}  // namespace usher::hub
