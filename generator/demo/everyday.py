"""Words from outside the demo model's world: it learns to leave them aside."""

import numpy as np

from generator.demo.captions import any_of, finish, pick
from generator.demo.wordings import CAPTION_WORDS, SHOW, words

_SUBJECTS = (
    *("panda", "dog", "cat", "young woman", "man with a hat", "robot", "child", "horse", "tiger"),
    *("group of people", "chef", "dragon", "knight", "bird", "rabbit", "family", "teacher"),
    *("girl", "boy", "monkey", "bear", "wizard", "dancer", "farmer", "fox", "pirate", "penguin"),
    *("truck", "sports car", "wooden boat", "steam train", "spaceship", "bicycle", "butterfly"),
)
_ACTIVITIES = (
    *("plays the guitar", "reads a book", "drinks coffee", "eats pizza", "walks", "dances"),
    *("rides a skateboard", "cooks dinner", "sings a song", "writes a letter", "talks to a friend"),
    *("looks at the camera", "smiles", "paints a picture", "waits for the bus", "sleeps"),
    *("playing chess", "swimming", "looking for treasure", "laughing", "wearing glasses"),
    *("driving", "passing by", "opening a door", "carrying an umbrella", "making music"),
)
_PLACES = (
    *("in a forest", "in the city", "in a kitchen", "at home", "on a busy street", "in a library"),
    *("on a mountain", "in the desert", "in a garden", "on another planet", "at the airport"),
    *("in a castle", "on a bridge", "in new york", "in a restaurant", "in the snow", "at school"),
    *("in an office", "in a small village", "on a farm", "in a cave", "at a party", "in space"),
)
_EVERYDAY = """
i you he she we they me him her us them my your his our their mine who whom whose which what when
why how whether if because but or nor so than too also just only even ever never always often
sometimes usually maybe perhaps really quite rather almost enough much many more most less few
several each every all both either neither other another same such own any some none nothing
something anything everything someone anyone everyone nobody be am was were been being have has had
having do did done can could will would shall should may might must need want like love hate hope
wish know knew think thought believe feel felt see saw seen hear heard say said tell told ask asked
answer call called talk speak speaking listen read write wrote learn study teach remember forget
understand mean help try use used work working play playing make made take took taken give gave
given get got put keep kept hold holding bring brought carry send buy bought sell pay find found
lose lost win won meet met leave begin began start started stop stopped finish end wait open close
closed break broken build built cut draw drawn paint painted wear wearing wash clean cook eat eating
drink drinking sleep sleeping wake live living die kill fight love marry born visit arrive enter
follow lead show shown hide watch watching look looking seem appear happen change add join share
choose decide plan dream laugh smile cry sing dance walk walking ran swim ride drive driving
throw catch kick hit push pull pick lift about above across after against along among before behind
below between beyond during except inside into like off onto out outside over past per since through
throughout till until upon via within today tomorrow yesterday now then soon later early late again
already yet once twice here there everywhere somewhere away far back forward ahead together alone
time year month week hour minute second moment morning afternoon noon spring summer autumn winter
monday sunday birthday holiday christmas world country town village street road path bridge building
house home room kitchen bedroom bathroom floor roof door window garden yard park school office shop
store market hotel restaurant hospital church museum library factory airport station harbor castle
tower temple forest jungle wood tree trees leaf leaves flower flowers plant plants bush mountain
mountains hill valley river lake island desert sand cave rock rocks stone waterfall volcano cloud
clouds cloudy fog storm thunder lightning snow snowy ice wind windy sunrise sunlight sunshine fire
smoke flame earth planet space galaxy universe people person man men woman women child children kid
boy girl baby family mother father mom dad parent son daughter brother sister uncle aunt husband
wife friend friends neighbor guest stranger king queen prince princess knight soldier police doctor
nurse teacher student farmer driver pilot sailor cook artist singer actor dancer writer scientist
worker boss hero wizard witch ghost monster dragon robot alien pirate animal animals dog dogs puppy
cat cats kitten horse horses cow pig sheep goat chicken duck goose bird birds eagle owl parrot crow
fish shark whale dolphin turtle frog snake lion tiger elephant giraffe zebra monkey gorilla bear
panda wolf fox deer rabbit mouse rat squirrel bee butterfly ant spider insect dinosaur head face
hair eye eyes ear nose mouth lips tooth teeth neck shoulder arm arms hand hands finger leg legs foot
feet knee back skin blood bone brain voice body car cars truck bus taxi train bicycle bike
motorcycle plane airplane helicopter rocket spaceship boat ship sail wheel engine machine computer
phone camera screen television radio clock watch lamp candle table chair bed couch desk shelf mirror
picture photo painting book books page letter paper pen pencil newspaper map bag bottle cup glass
plate bowl knife fork spoon key lock tool hammer rope chain umbrella hat cap coat jacket shirt dress
skirt pants shoes boots glasses gloves scarf uniform money coin gift toy doll game card music song
piano guitar violin drum food bread butter cheese milk egg eggs meat rice pasta pizza soup salad
cake cookie chocolate candy sugar salt apple banana lemon grape strawberry cherry potato tomato
carrot onion coffee tea juice wine beer breakfast lunch dinner new old young good better best bad
worse nice great fine wonderful amazing awesome perfect lovely pretty cute ugly strange weird funny
happy sad angry afraid tired bored excited calm quiet loud noisy silent soft hard heavy light warm
hot cool cold dry wet dirty fresh sweet sour rich poor cheap expensive easy difficult simple strong
weak healthy sick dead alive busy free safe dangerous famous important special different similar
true false real fake ready sure possible able long short tall wide narrow deep thick thin flat sharp
empty full open whole half first last next dark bright shiny soft smooth rough wooden metal plastic
leather cotton silk paper ancient modern future magic magical fantasy epic dramatic romantic mystery
story movie film scene shot angle zoom pan portrait landscape aerial drone view background
foreground focus style art artistic abstract photo realistic anime cartoon sketch watercolor oil
digital render lighting shadow reflection texture pattern colorful vivid pastel neon vintage retro
city urban rural traffic crowd party wedding concert stage sport sports football soccer basketball
tennis baseball race team player ball goal zero two three four five six seven eight nine ten eleven
twelve twenty hundred thousand million number name word language english question idea problem
reason way part side center kind type sort example fact news history science nature health life
death peace war luck power energy heat sound noise smell taste touch shape size price order rule law
"""

VOCABULARY = tuple(
    dict.fromkeys([*CAPTION_WORDS, *words([_SUBJECTS, _ACTIVITIES, _PLACES, _EVERYDAY])])
)
"""Every lower-case word of captions and of this module, made-up ones aside."""
_UNRELATED = [word for word in VOCABULARY if word not in CAPTION_WORDS]


def distracted(text: str, random: np.random.Generator) -> str:
    """The text with one or two unrelated or made-up words put in, rarely in place of others."""
    words = text.split()
    for _ in range(1 + (random.random() < 0.4)):
        made_up = random.random() < 0.4
        word = _made_up(random) if made_up else any_of(_UNRELATED, random)
        place = int(random.integers(len(words) + 1))
        words[place : place + (random.random() < 0.15)] = [word]
    return " ".join(words)


def anything(random: np.random.Generator) -> str:
    """An everyday prompt about what the demo's world does not have."""
    subject, activity = any_of(_SUBJECTS, random), any_of(_ACTIVITIES, random)
    place = f" {any_of(_PLACES, random)}" if random.random() < 0.7 else ""
    return finish(f"{pick(SHOW, random)}a {subject} {activity}{place}", random)


def _made_up(random: np.random.Generator) -> str:
    """Three to eight letters that can be spoken."""
    syllables = (any_of("bcdfghjklmnprstvwz", random) + any_of("aeiou", random) for _ in range(4))
    return "".join(syllables)[: int(random.integers(3, 9))]
