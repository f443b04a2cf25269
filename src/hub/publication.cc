#include "hub/publication.h"

namespace usher::hub {

PublicationViews::PublicationViews(const Publications& publications) {
  // Reserved, because the views point into it.
  infos_.reserve(publications.size());
  views_.reserve(publications.size());
  for (const PublicationPtr& publication : publications) {
    const wire::ClientInfo* info = nullptr;
    if (publication->info != nullptr) info = &infos_.emplace_back(publication->info->view());
    views_.push_back({publication->data, publication->offset, info, publication->tags});
  }
}

wire::SharedFrame push_of(std::string_view channel, const Publication& publication) {
  wire::ClientInfo info;
  if (publication.info != nullptr) info = publication.info->view();
  std::string text;
  wire::append_publication_push(text, channel,
                                {.data = publication.data,
                                 .offset = publication.offset,
                                 .info = publication.info != nullptr ? &info : nullptr,
                                 .tags = publication.tags});
  return wire::make_text_frame(text);
}

}  // namespace usher::hub
