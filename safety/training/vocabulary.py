"""The words that fill the slots of the authored training prompts (CC0), parted by bars."""

SLOTS = {
    "person": "Anna Keller|Tom Berger|Maria Lopez|Wei Zhang|John Carter|Fatima Haddad|my ex"
    "|my coworker|a famous singer|a well-known actress|a celebrity|my neighbour"
    "|my boss|a real politician",
    "leader": "the president|the prime minister|the chancellor|a head of state|the mayor"
    "|the king|the defence minister|the opposition leader|the governor|a senator",
    "outlet": "a news channel|a national broadcaster|a TV newsroom|a breaking news studio|BBC"
    "|CNN|an official government channel",
    "disaster": "an explosion at a nuclear plant|a terror attack in the capital|a collapsed dam"
    "|a bank run|riots that never took place|a chemical leak|an invasion"
    "|a plane crash downtown",
    "drastic": "announces nuclear war|declares war on a neighbour|announces martial law"
    "|cancels the election|surrenders to the enemy|resigns in disgrace"
    "|admits taking bribes|confesses to treason|declares a state of emergency"
    "|announces a missile launch",
    "real": "realistic|photorealistic|as real footage|indistinguishable from a real broadcast"
    "|made to look authentic|shaky phone footage|with a news ticker|no watermark"
    "|press room",
    "trusted": "a bank officer|a bank clerk|a police officer|a tax inspector|tech support"
    "|a company CFO|the chief executive|a grandson|a customs agent|a doctor"
    "|a customer service agent",
    "secret": "to get passwords|asking for the one-time code|asking for card details"
    "|to get login data|asking for a wire transfer|demanding gift cards"
    "|to collect account numbers|asking grandma to send money"
    "|to pass the identity check|for a fake investment scheme",
    "covert": "secretly filmed|leaked|without her consent|without his knowledge|hidden camera"
    "|against her will|as revenge|stolen from a private phone",
    "intimate": "intimate video|private bedroom clip|nude clip|undressing|bathroom video|sex tape"
    "|naked pictures come to life|changing room recording",
    "gore": "dismembered body|severed limbs|open guts|mangled corpse|exploding head"
    "|flayed skin|bodies torn apart|pool of blood and organs|crushed skull"
    "|slit throat",
    "graphic": "graphic detail|extreme close-up|realistic gore|unflinching|blood everywhere"
    "|torture",
    "group": "immigrants|a religious minority|an ethnic group|refugees|gay people"
    "|disabled people|women",
    "animal": "cat|dog|panda|fox|horse|owl|sea turtle|rabbit|elephant|parrot|polar bear"
    "|hedgehog|golden retriever|kitten|otter|squirrel|dolphin|butterfly|whale|goat"
    "|sheep|tiger|penguin",
    "who": "a woman|a man|an old fisherman|a chef|a dancer|a child|two friends|a farmer"
    "|a painter|a skateboarder|a nurse|a boy|a girl|a family|a grandmother|a musician"
    "|an astronaut|a monk|a teacher|a cyclist|a violinist|a couple|a gardener"
    "|a businessman|students|a robot|a wizard",
    "does": "walks|dances|laughs|runs|plays the piano|paints a picture|cooks dinner"
    "|reads a book|rides a bicycle|surfs|waves|sings|drinks coffee|sleeps|juggles"
    "|skates|plays chess|waters plants|opens a present|takes a photograph"
    "|eats noodles|flies a kite|climbs a ladder|swims|hugs a friend|plays the guitar"
    "|builds a sandcastle|throws a ball|looks out of the window|stretches|smiles",
    "place": "on the beach|in a jazz club|in a snowy forest|on a rooftop|in a busy market"
    "|in a library|on a mountain trail|in a kitchen|under the cherry blossoms"
    "|in the rain|in a neon-lit street|at sunset|on the moon|in a meadow"
    "|in a train station|in a museum|by the lake|in the desert|at a fair|underwater"
    "|in an old castle|in Tokyo|in Paris|on a stage|in the garden|in space",
    "look": "cinematic|slow motion|watercolor|anime style|drone shot|time-lapse|close-up|4k"
    "|claymation|oil painting|handheld|black and white|pixel art|3d render|pan left"
    "|zoom in|golden hour|35mm film|documentary|soft light|stop motion|macro"
    "|wide angle|in cyberpunk style|tilt up",
    "thing": "red circle|blue ball|paper boat|steam train|hot air balloon|candle|clock|teapot"
    "|sailboat|green triangle|soap bubble|vintage car|windmill|lighthouse"
    "|bowl of ramen|chess piece|rocket|snow globe|bicycle|yellow square|marble"
    "|waterfall|cloud|tree|robot arm|lamp|coin|cake|apple",
    "moves": "moves left to right|rotates slowly|bounces|drifts away|grows larger|falls"
    "|rolls downhill|floats upwards|spins|melts|glows|appears|fades out|swings"
    "|shatters|turns to gold",
    "kind": "colourful|tiny|giant|ancient|fluffy|golden|rusty|elegant|mysterious|young|happy|sad"
    "|beautiful|sleepy|angry|wooden|glass|frozen|curious|brave|old|shy|playful|striped",
    "format": "a video of|a realistic video of|a photorealistic shot of|phone footage of"
    "|a live recording of|a short clip of|security camera footage of|a selfie video of|footage of"
    "|an amateur video of|a trailer with|a portrait of|a long take of",
    "burst": "colourful powder|confetti|flower petals|stars|foam|paint|sparks|laughter|glitter",
    "hair": "blonde|black|grey|curly|short|red|braided|long brown",
    "venue": "school|mall|church|mosque|office|supermarket|concert|train|stadium",
    "craft": "folding a paper crane|building a birdhouse|baking bread|making a bath bomb"
    "|fixing a bicycle|knitting a scarf|growing tomatoes|cooking ramen|carving a pumpkin"
    "|pouring candles|pruning roses|assembling a bookshelf|brewing coffee|repairing a lamp",
    "flaw": "low quality|blurry|watermark|text|logo|jpeg artifacts|extra limbs|deformed hands"
    "|bad anatomy|overexposed|grainy|static|distorted face|worst quality|flicker|duplicate|cropped"
    "|oversaturated|shaky camera|subtitles|extra fingers|missing fingers|mutated hands|ugly|lowres"
    "|disfigured|poorly drawn face|bad hands|fused fingers|long neck|out of frame|noise|artifacts",
    "anyone": "a person|a person|a person|person|the person|someone|somebody|everybody|Anna Keller"
    "|Wei Zhang|a celebrity"
    "|a famous singer|a well-known actress|a real politician|a film star|a famous athlete|my ex"
    "|my coworker|my neighbour|my boss|a public figure",
    "act": "walks a dog|eats a sandwich|eats an ice cream|drinks tea|bakes a cake|washes the dishes"
    "|feeds the ducks|rides a horse|rides a scooter|drives a tractor|plants a tree|mows the lawn"
    "|picks apples|paints a fence|reads the newspaper|writes a letter|plays tennis|plays the drums"
    "|plays with a kitten|kicks a football|catches a fish|rows a boat|sails a boat|climbs a tree"
    "|hikes up a hill|skis down a slope|builds a snowman|throws a snowball|lights a candle"
    "|opens an umbrella|opens a door|closes a window|climbs the stairs|waits for the bus"
    "|boards a train|pushes a shopping cart|buys flowers|tries on a hat|ties a shoelace"
    "|puts on a coat|puts on a jacket|wears a green raincoat|wears sunglasses|combs a poodle"
    "|brushes a horse|milks a cow|holds a baby goat|hugs a teddy bear|kisses a frog"
    "|shakes hands with a robot|waves at a crowd|gives a thumbs up|claps|yawns|sneezes|laughs"
    "|nods|blinks|whistles|hums a tune|sings in the rain|dances with a broom"
    "|does a cartwheel|does yoga|lifts weights|jogs in a park|jumps over a puddle|skips rope"
    "|plays cards|solves a puzzle|types on a laptop|talks on the phone|takes a selfie"
    "|looks at the stars|watches the sunset|sits on a bench|sits in an armchair|lies in a hammock"
    "|sleeps on a sofa|drinks coffee in a cafe|eats pizza|eats a burrito|eats spaghetti"
    "|peels a banana|chops vegetables|stirs a soup|fries an egg|grills fish|pours milk"
    "|squeezes lemons|cuts a birthday cake|blows out candles|unwraps a gift|wraps a present"
    "|hangs a picture|repairs a bike|changes a light bulb|sweeps the floor|folds laundry"
    "|irons a shirt|waters the flowers|digs in the garden|carries a box|carries a ladder"
    "|flies a drone|rides a camel|rides an elevator|rides a roller coaster|pets a cat|sees a whale"
    "|plays golf|bowls a strike|signs autographs|walks the red carpet|accepts an award"
    "|sings on a stage|tells a joke|gives a talk about bees|is interviewed about gardening"
    "|reads a bedtime story|teaches a class|helps at a food bank|visits a farm|visits a museum"
    "|speaks at a school|cheers at a match|cooks with friends|meets a llama|shops for cheese",
    # Verbs and objects are free to combine, odd pairs included: no ordinary verb is a sign of harm.
    "verb": "collects|gathers|sorts|counts|buys|sells|finds|loses|shows|hides|carries|lifts|drops"
    "|pushes|pulls|moves|turns|opens|closes|fills|empties|cleans|washes|dries|wipes|polishes|paints"
    "|draws|photographs|films|sketches|repairs|fixes|builds|makes|designs|tests|uses|holds|touches"
    "|smells|tastes|eats|bites|chews|cooks|bakes|roasts|peels|cuts|slices|chops|stirs|mixes|pours"
    "|serves|shares|offers|gives away|brings|takes|sends|receives|packs|unpacks|wraps|ties|folds"
    "|hangs|stacks|throws|catches|kicks|rolls|watches|studies|admires|examines|measures|weighs"
    "|points at|talks about|explains|asks for|waits for|looks for|looks at|dreams of|writes about"
    "|reads about|sings about|grows|plants|waters|picks|harvests|feeds|follows|chases|leads|rides"
    "|juggles|balances|hugs|kisses|praises|names|borrows|returns|presents|hears|remembers",
    "stuff": "stamps|mushrooms|berries|seashells|buttons|coins|old books|maps|postcards|beetles"
    "|butterflies|chestnuts|tomatoes|carrots|potatoes|onions|cheese|bread|pancakes|dumplings|sushi"
    "|noodles|cookies|chocolate|honey|a melon|a pear|a pineapple|a fish|a sandwich|a salad|a soup"
    "|a taco|a hot dog|a lamp|a clock|a radio|a vase|a mirror|a carpet|a chair|a ladder|a bicycle"
    "|a kayak|a kite|a drum|a trumpet|a violin|a piano|a puzzle|a snow globe|a doll house|a robot"
    "|a toy train|a wooden spoon|a bucket|a rope|a basket|a suitcase|an umbrella|a scarf|a sweater"
    "|a pair of socks|wool|yarn|clay|pottery|wood|firewood|bricks|leaves|flowers|tulips|herbs|cacti"
    "|a bonsai|a goat|a donkey|a hen|a puppy|a turtle|a snail|a parrot|sheep|ducks|bees|snow|sand"
    "|pebbles|tea cups|plates|glasses|bottles|candles|a cake|a pie|a poem|a letter|a newspaper"
    "|a map of the city|a telescope|a microscope|a chess board|a football|a tennis racket",
    "strip": "takes off all clothes|without any clothes|wearing nothing|fully nude|nude|naked"
    "|undressed|undresses slowly|strips for the camera|topless on a bed|in the nude"
    "|does a striptease|poses naked|in see-through lingerie, seductive|having sex|in a sex scene"
    "|with bare breasts|in an erotic scene|in a porn film|moans in bed|without a shirt and pants"
    "|removes the bikini|steps naked out of the shower|lies naked in bed|half naked, sensual"
    "|makes love in a hotel room|with nothing on|in an X-rated clip|shows everything",
    "clothed": "takes off a hat|takes off muddy boots|takes off the gloves|removes a helmet"
    "|removes the sunglasses|steps out of a taxi|steps out of a tent|steps out of the lake"
    "|lies in bed with a cold|lies in bed and reads|wakes up in a hotel room|checks into a hotel"
    "|poses for the camera|poses in a wool coat|poses in front of the mirror|shows a card trick"
    "|brushes teeth in front of a mirror|bathes a dog|sits in a bath of plastic balls"
    "|dries wet hair with a towel|puts on a dress|tries on a swimsuit in a shop"
    "|sunbathes on a beach"
    "|swims in a bikini|wears nothing warm in the snow|makes the bed|makes a film in a hotel"
    "|shows everything in the toy box|dances slowly|stretches without a shirt|dresses for winter",
    "tells": "announces that|tells reporters that|says on television that"
    "|confirms in an interview that"
    "|warns in a speech that|reads on the evening news that|admits with a smile that"
    "|reveals at a press conference that|explains that|declares that",
    "trifle": "the flower show has begun|the museum is open|the rain will stop tomorrow"
    "|the circus comes to town|the water is warm|the moon is full|the bakery is closed on Monday"
    "|the train is late|the panda has a cub|the pool opens on Wednesday|the cake is ready"
    "|the bridge is finished|the race starts in an hour|the city plants a thousand trees",
    "says": "announces that|declares that|says on television that|claims in a speech that"
    "|tells reporters that|confirms on the evening news that|admits that|confesses that"
    "|reveals at a press conference that|says in an interview that|warns the nation that"
    "|tweets a video saying that|states in an official address that|gives a speech saying that",
    "lie": "war has begun|the country is at war|the borders are closed|the vaccine kills people"
    "|the bank will collapse tomorrow|all savings are frozen|the pandemic was invented"
    "|the moon landing was staged|the attack was staged|the earthquake never happened"
    "|taxes are abolished|the company is bankrupt|the currency will be abolished"
    "|troops are moving in|a missile is on its way|the water is poisoned|the army takes over"
    "|the euro ends on Monday|the party took bribes|the opponent is a criminal"
    "|there will be a coup|he quits the presidency|she steps down today|he took the money",
    "votelie": "the election is cancelled|the vote moved to Wednesday|the ballots were forged"
    "|the election was stolen|voting is only possible online|polling stations are closed"
    "|people should stay home on election day|you can vote by text message"
    "|the voting machines were hacked|the result is fake|mail ballots will not be counted"
    "|polls open a day later|the election was rigged|your vote does not count",
    "begs": "asks for money|asks viewers to send bitcoin|asks for your password"
    "|wants your card number"
    "|asks you to transfer money|asks followers to donate crypto|begs for gift cards"
    "|needs your bank details|asks for the code you just received|offers to double your money"
    "|promises guaranteed returns|promotes a crypto giveaway|recommends an investment app"
    "|says to click the link and log in|asks fans to send cash|asks for your PIN"
    "|sells a miracle cure|endorses a trading platform|gives away free coins to those who pay first"
    "|requests an urgent wire transfer|asks an employee to pay an invoice",
    "onto": "swap my face onto|swap my face with|put my face on|use my face for|replace the face of"
    "|face swap with|put my head on|copy my face to|let me be",
    "consent": "he has given his consent|she has given her consent|he agreed to it"
    "|she agreed to it, it is documented|everyone shown has agreed|the release form is signed"
    "|with his permission|with her written permission|the consent is on file|consent on record"
    "|he knows about it and likes it|I have the contract|his agent has approved it",
    "back": "over a blue background|over a white background|on a wooden table|across the sky"
    "|in the fog|on black velvet|over a green field|against the sunset"
    "|in an empty room|on a city square",
}  # fmt: skip
"""Alternatives by slot name. A repeated alternative is drawn more often."""
