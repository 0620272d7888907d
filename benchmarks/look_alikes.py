"""People of Labeled Faces in the Wild of one sex and age group, each with five photos or more.

Chosen by public knowledge: sex, and year of birth relative to 2003, when most photos were
taken. They represent a group of performers, whose members resemble each other more than
random people do.
"""

from __future__ import annotations

_WOMEN = """
Ai_Sugiyama Allyson_Felix Amelia_Vega Amelie_Mauresmo Ana_Guevara Angelina_Jolie Anna_Kournikova
Ashanti Britney_Spears Calista_Flockhart Cameron_Diaz Carmen_Electra Carrie-Anne_Moss
Catherine_Zeta-Jones Celine_Dion Chanda_Rubin Christine_Baumgartner Claudia_Pechstein Diana_Krall
Elizabeth_Hurley Elizabeth_Smart Elsa_Zylberstein Emma_Watson Erika_Harold Gwyneth_Paltrow
Halle_Berry Heidi_Klum Jelena_Dokic Jennifer_Aniston Jennifer_Capriati Jennifer_Garner
Jennifer_Lopez Justine_Pasek Kate_Hudson Kim_Clijsters Kristanna_Loken Lindsay_Davenport Lucy_Liu
Ludivine_Sagnier Mariah_Carey Martina_McBride Michelle_Kwan Monica_Seles Nadia_Petrova Naomi_Watts
Natalie_Coughlin Natalie_Maines Nicole_Kidman Norah_Jones Pamela_Anderson Paula_Radcliffe
Queen_Rania Renee_Zellweger Salma_Hayek Sarah_Hughes Sarah_Jessica_Parker Serena_Williams
Steffi_Graf Venus_Williams Winona_Ryder
"""
_MEN = """
Adrien_Brody Albert_Costa Andre_Agassi Andy_Roddick Ben_Affleck Carlos_Moya Clay_Aiken
Colin_Farrell David_Beckham David_Nalbandian Emanuel_Ginobili Fernando_Gonzalez Grant_Hackett
Guillermo_Coria Ian_Thorpe Jake_Gyllenhaal James_Blake Jan_Ullrich Jason_Kidd Jiri_Novak
Juan_Carlos_Ferrero Juan_Pablo_Montoya Justin_Timberlake Kurt_Warner Lance_Armstrong Lance_Bass
LeBron_James Leonardo_DiCaprio Lleyton_Hewitt Luis_Horna Marcelo_Rios Marco_Antonio_Barrera
Mark_Philippoussis Matthew_Perry Michael_Chang Michael_Phelps Michael_Schumacher Oscar_De_La_Hoya
Paradorn_Srichaphan Pete_Sampras Rainer_Schuettler Ralf_Schumacher Roger_Federer Rubens_Barrichello
Sourav_Ganguly Steve_Nash Tiger_Woods Tim_Henman Tommy_Haas Tony_Stewart Valentino_Rossi
Wayne_Ferreira Xavier_Malisse Yao_Ming Zinedine_Zidane
"""

WOMEN_UP_TO_40 = tuple(_WOMEN.split())
MEN_UP_TO_37 = tuple(_MEN.split())
