"""Every sentence of a report, in each language that it can be read in."""

from datetime import datetime
from typing import Literal, get_args

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_MONTHS: dict[Language, str] = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
_PHRASES: dict[str, tuple[str, str]] = {
    # what stands for a video
    "a video": (
        "an AI-generated video of this service",
        "une vidéo de ce service, générée par IA",
    ),
    "this video": (
        "an AI-generated video that this service made with {model} on {date}",
        "une vidéo générée par IA que ce service a produite avec {model} le {date}",
    ),
    # verdicts
    "authentic": (
        "This file is {video}, unchanged since its release.",
        "Ce fichier est {video}, inchangée depuis sa publication.",
    ),
    "altered": (
        "The picture carries the invisible mark of {video}, but the Content Credential that it was "
        "released with is missing or no longer holds.",
        "L’image porte la marque invisible d’{video}, mais le Content Credential avec lequel elle "
        "a été publiée manque ou n’est plus valable.",
    ),
    "altered, mark gone": (
        "The picture looks like {video}, and the Content Credential in this file names it or "
        "remains of its invisible mark are left, but the mark itself can no longer be read.",
        "L’image ressemble à {video}, et le Content Credential de ce fichier la désigne ou il "
        "reste des traces de sa marque invisible, mais la marque elle-même n’est plus lisible.",
    ),
    "partial": (
        "Only some parts of this video carry the invisible mark of {video}; the timeline shows "
        "which.",
        "Seules certaines parties de cette vidéo portent la marque invisible d’{video} ; la "
        "chronologie montre lesquelles.",
    ),
    "transplanted": (
        "The invisible mark or the Content Credential in this file is that of {video}, but the "
        "pictures are not that video's: suspected forgery.",
        "La marque invisible ou le Content Credential de ce fichier est celui d’{video}, mais les "
        "images ne sont pas les siennes : falsification présumée.",
    ),
    "conflicting": (
        "The Content Credential and the invisible mark in this file point to different videos, so "
        "at least one of them was put there by somebody else.",
        "Le Content Credential et la marque invisible de ce fichier désignent des vidéos "
        "différentes : l’un des deux au moins y a été placé par quelqu’un d’autre.",
    ),
    "other_generator": (
        "A Content Credential {signed} says that this is AI-generated.",
        "Un Content Credential {signed} indique que ceci a été généré par IA.",
    ),
    "other_generator, partly": (
        "A Content Credential {signed} says that AI made or changed at least parts of this.",
        "Un Content Credential {signed} indique que l’IA a produit ou modifié ceci au moins en "
        "partie.",
    ),
    "other_generator, open mark": (
        "The picture carries the open mark of {generator}, which says that it is AI-generated; "
        "anyone can write that mark.",
        "L’image porte la marque ouverte de {generator}, qui la dit générée par IA ; chacun peut "
        "écrire cette marque.",
    ),
    "unreadable": (
        "This file could not be decoded as a video, so its pictures were not examined.",
        "Ce fichier n’a pas pu être décodé comme une vidéo : ses images n’ont pas été examinées.",
    ),
    "unknown": (
        "{finding}; this is not evidence that the video is authentic.",
        "{finding} ; cela ne prouve pas que la vidéo soit authentique.",
    ),
    # who signed
    "unnamed": ("an unnamed party", "un signataire sans nom"),
    "signed by a trusted party": (
        "signed by “{issuer}”, a trusted party,",
        "signé par « {issuer} », un signataire reconnu,",
    ),
    "signed by a listed party": (
        "signed by “{issuer}”, a party on the C2PA trust list,",
        "signé par « {issuer} », qui figure sur la liste de confiance de la C2PA,",
    ),
    "signed by a formerly listed party": (
        "signed by “{issuer}”, a party on the trust list that the C2PA retired in January 2026,",
        "signé par « {issuer} », qui figurait sur la liste de confiance retirée par la C2PA en "
        "janvier 2026,",
    ),
    "signed by someone unknown": (
        "signed by someone unknown who goes by “{issuer}”",
        "signé par un inconnu qui se nomme « {issuer} »",
    ),
    # findings that prove nothing
    "named alone": (
        "The Content Credential in this file names {video}, but no readable mark of that video was "
        "found, and whether the pictures are that video's cannot be told",
        "Le Content Credential de ce fichier désigne {video}, mais aucune marque lisible de cette "
        "vidéo n’a été trouvée, et l’on ne peut dire si les images sont les siennes",
    ),
    "unrecorded mark": (
        "The picture carries an invisible mark of this service, but no record tells which video it "
        "belongs to",
        "L’image porte une marque invisible de ce service, mais aucun enregistrement ne dit à "
        "quelle vidéo elle appartient",
    ),
    "unreadable mark": (
        "The picture carries remains of an invisible mark of this service, unreadable by now",
        "L’image porte les restes, désormais illisibles, d’une marque invisible de ce service",
    ),
    "open mark": (
        "The picture carries only the open mark of this software, which anyone can copy or write",
        "L’image ne porte que la marque ouverte de ce logiciel, que chacun peut copier ou écrire",
    ),
    "looks alike": (
        "The picture looks like {video}, but no mark and no Content Credential of it is left, and "
        "videos can look alike by chance or be made to",
        "L’image ressemble à {video}, mais il n’en reste ni marque ni Content Credential, et des "
        "vidéos peuvent se ressembler par hasard ou à dessein",
    ),
    "credential says nothing": (
        "A Content Credential {signed} does not say that this is AI-generated, and no mark of this "
        "service was found",
        "Un Content Credential {signed} n’indique pas que ceci ait été généré par IA, et aucune "
        "marque de ce service n’a été trouvée",
    ),
    "credential says ingredient": (
        "A Content Credential {signed} says that something AI-generated went into this, not that "
        "all of it is, and no mark of this service was found",
        "Un Content Credential {signed} indique que quelque chose généré par IA a servi à ceci, et "
        "non que tout l’est, et aucune marque de ce service n’a été trouvée",
    ),
    "label, generated": (
        "A label in the file's metadata says that this is AI-generated; nobody signed it, and "
        "anyone can write or remove such a label",
        "Une étiquette dans les métadonnées du fichier le dit généré par IA ; personne ne l’a "
        "signée, et chacun peut écrire ou retirer une telle étiquette",
    ),
    "label, partly": (
        "A label in the file's metadata says that this is or may be partly AI-generated; nobody "
        "signed it, and anyone can write or remove such a label",
        "Une étiquette dans les métadonnées du fichier le dit généré par IA, au moins ou peut-être "
        "en partie ; personne ne l’a signée, et chacun peut écrire ou retirer une telle étiquette",
    ),
    "credential broken": (
        "The Content Credential in this file is broken, and no mark was found",
        "Le Content Credential de ce fichier est rompu, et aucune marque n’a été trouvée",
    ),
    "nothing": (
        "Neither a mark of this service nor a readable Content Credential was found",
        "Ni marque de ce service ni Content Credential lisible n’ont été trouvés",
    ),
    # what changed: the credential
    "credential missing": (
        "re-encoded or container rewritten, Content Credential missing",
        "réencodée ou conteneur réécrit, Content Credential absent",
    ),
    "credential unreadable": (
        "Content Credential cannot be read: {error}",
        "Content Credential illisible : {error}",
    ),
    "credential replaced": (
        "Content Credential replaced by one that was not issued for this video",
        "Content Credential remplacé par un autre, qui n’a pas été émis pour cette vidéo",
    ),
    "credential invalid": (
        "Content Credential is invalid: {codes}",
        "Content Credential non valide : {codes}",
    ),
    "signer untrusted": (
        "Content Credential signed by someone who is not trusted",
        "Content Credential signé par quelqu’un qui n’est pas reconnu",
    ),
    "another certificate": (
        "Content Credential signed with another certificate than the original",
        "Content Credential signé avec un autre certificat que l’original",
    ),
    "unsigned bytes": (
        "bytes of the Content Credential changed that no signature covers",
        "octets du Content Credential modifiés, qu’aucune signature ne couvre",
    ),
    "assertion.bmffHash.mismatch": (
        "file changed after it was signed",
        "fichier modifié après sa signature",
    ),
    "claimSignature.mismatch": (
        "signature of the Content Credential is broken",
        "signature du Content Credential rompue",
    ),
    "signingCredential.expired": (
        "signing certificate expired, without a trusted time stamp",
        "certificat de signature expiré, sans horodatage reconnu",
    ),
    # what changed: the picture
    "size": (
        "picture size changed from {before} to {after}",
        "taille de l’image passée de {before} à {after}",
    ),
    "mirrored": ("mirrored left to right", "retournée de gauche à droite"),
    "turned counter-clockwise": (
        "turned by {degrees:.0f} degrees counter-clockwise",
        "tournée de {degrees:.0f} degrés dans le sens antihoraire",
    ),
    "turned clockwise": (
        "turned by {degrees:.0f} degrees clockwise",
        "tournée de {degrees:.0f} degrés dans le sens horaire",
    ),
    "stretched": ("stretched from {before} to {after}", "étirée de {before} à {after}"),
    "rescaled": ("rescaled from {before} to {after}", "redimensionnée de {before} à {after}"),
    "scaled on both sides": (
        "picture scaled to {across:.0%} of its width, {down:.0%} of its height",
        "image mise à {across:.0%} de sa largeur et {down:.0%} de sa hauteur",
    ),
    "scaled": ("picture scaled to {scale:.0%}", "image mise à l’échelle de {scale:.0%}"),
    "cropped": ("cropped to {after}", "recadrée à {after}"),
    "border": ("border added, now {after}", "bordure ajoutée, maintenant {after}"),
    # what changed: time
    "single picture": (
        "a single picture out of {before} frames",
        "une seule image sur {before}",
    ),
    "trimmed": ("trimmed from {before} to {after} frames", "coupée de {before} à {after} images"),
    "lengthened": (
        "lengthened from {before} to {after} frames",
        "allongée de {before} à {after} images",
    ),
    "rate": (
        "frame rate changed from {before:g} to {after:g}",
        "cadence passée de {before:g} à {after:g} images par seconde",
    ),
    "duration": (
        "running time changed from {before:.1f} to {after:.1f} s",
        "durée passée de {before:.1f} à {after:.1f} s",
    ),
    # what was not checked
    "not decoded": (
        "pictures: the file could not be decoded",
        "images : le fichier n’a pas pu être décodé",
    ),
    "too small": (
        "invisible marks: the picture is too small or too long to carry one",
        "marques invisibles : l’image est trop petite ou trop longue pour en porter une",
    ),
    "looks not compared": (
        "looks of the pictures: nothing was kept, or too little was to be seen, if only because "
        "something covers it, to compare them with the record, so a mark pasted onto foreign "
        "pictures cannot be told from an altered original",
        "aspect des images : rien n’a été conservé, ou trop peu était visible, ne serait-ce que "
        "parce que quelque chose le couvre, pour les comparer à l’enregistrement ; une marque "
        "collée sur des images étrangères ne peut donc être distinguée d’un original modifié",
    ),
    "edits of parts": (
        "order of the frames and edits of parts of the picture: a reversed or partly overpainted "
        "copy still carries the mark",
        "ordre des images et retouches de parties de l’image : une copie inversée ou en partie "
        "repeinte porte encore la marque",
    ),
    "sound": (
        "sound: only the pictures are marked",
        "son : seules les images sont marquées",
    ),
    "stored elsewhere": (
        "manifests stored elsewhere: never fetched",
        "manifestes conservés ailleurs : jamais récupérés",
    ),
    "revocation": (
        "revocation of signing certificates: not looked up",
        "révocation des certificats de signature : non vérifiée",
    ),
    "earlier credentials": (
        "earlier Content Credentials that the newest one builds on: not judged",
        "Content Credentials antérieurs sur lesquels s’appuie le plus récent : non jugés",
    ),
}


def say(language: Language, phrase: str, **values: object) -> str:
    """The phrase, its places filled."""
    return _PHRASES[phrase][LANGUAGES.index(language)].format(**values)


def knows(phrase: str) -> bool:
    """Whether there is such a phrase."""
    return phrase in _PHRASES


def date(language: Language, moment: datetime) -> str:
    """A day in words, without its weekday."""
    month = _MONTHS[language].split()[moment.month - 1]
    return f"{moment.day} {month} {moment.year}"
