"""The contrastive loss over similarities of tokens, beside the one over whole embeddings."""

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from trainer.losses.batch import Batch
from trainer.losses.contrast import contrast
from trainer.losses.similarity import similarities
from trainer.losses.term import Term, given

BLOCK = 2**24  # similarities of tokens held at once, at most


class FineGrained(Term, tag="fine_grained", frozen=True, kw_only=True):
    """InfoNCE over late interaction: each token seeks its best match, and all matches count alike.

    With image tokens x_ip (P of them) and the unmasked text tokens y_jl (L_j of them), L2-normed,

        of image i with text j    s_ij = 1/P   * sum_p max_l x_ip y_jl
        of text j with image i    s_ji = 1/L_j * sum_l max_p x_ip y_jl

    and then `InfoNCE` over kappa s in both directions; the two similarities of a pair differ. Padding is
    neither averaged nor ever the best match. The (R, N, L, P) similarities exist only in blocks, which
    backward makes again.

    Source: Yao et al. 2022 (FILIP).
    """

    @property
    def needs(self) -> frozenset[str]:
        return frozenset({"tokens"})

    def rows(self, batch: Batch, rows: slice, step: int) -> Tensor:
        images = given(batch.image_tokens, "image_tokens")  # (N, P, D)
        texts = given(batch.text_tokens, "text_tokens")  # (N, L, D)
        text_mask = given(batch.text_mask, "text_mask") > 0  # (N, L), bool
        image_mask = text_mask.new_ones(images.shape[:2])
        positives = batch.positives(rows)  # (R, N)
        by_image = late_interaction(images[rows], image_mask[rows], texts, text_mask)
        by_text = late_interaction(texts[rows], text_mask[rows], images, image_mask)
        loss = contrast(batch.scale * by_image, positives, ~positives)
        loss = loss + contrast(batch.scale * by_text, positives, ~positives)
        return loss / (2 * len(batch))


def late_interaction(anchors: Tensor, own_mask: Tensor, others: Tensor, mask: Tensor) -> Tensor:
    """The mean over an anchor's tokens of the best match in each of the others; -> (R, N).

    Args:
        anchors: # (R, A, D)
        own_mask: which tokens of the anchors count  # (R, A), bool
        others: # (N, B, D)
        mask: which tokens of the others count, one at least in each  # (N, B), bool
    """
    one_row = anchors.shape[1] * others.shape[0] * others.shape[1]
    at_once = max(1, BLOCK // one_row)
    blocks = zip(torch.split(anchors, at_once), torch.split(own_mask, at_once), strict=True)
    return torch.cat(
        [
            checkpoint(_block, block, own, others, mask, use_reentrant=False, preserve_rng_state=False)
            for block, own in blocks
        ]
    )


def _block(anchors: Tensor, own_mask: Tensor, others: Tensor, mask: Tensor) -> Tensor:
    near = similarities(anchors.flatten(0, 1), others.flatten(0, 1))  # (r * A, N * B)
    near = near.view(*anchors.shape[:2], *others.shape[:2])  # (r, A, N, B)
    best = near.masked_fill(~mask, -torch.inf).amax(dim=3)  # (r, A, N)
    share = own_mask.to(best.dtype)
    share = share / share.sum(dim=1, keepdim=True)  # (r, A)
    return (best * share[:, :, None]).sum(dim=1)
